"""A person, as all subjects of the API show one."""

from rest_framework import serializers

from annotations.api.endpoint import Output


class Person(Output):
    """Someone with an account."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField(source="display_name", help_text="The name the desk shows.")


NOOR: dict[str, object] = {"id": 7, "username": "noor", "name": "Noor de Wit"}
ILSE: dict[str, object] = {"id": 9, "username": "ilse", "name": "Ilse Brands"}
