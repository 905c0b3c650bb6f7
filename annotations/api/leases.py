"""The lease under which a person works on a claim, as all subjects of the API read it."""

from rest_framework import serializers

from annotations.api.endpoint import Input


class LeaseIn(Input):
    """The token of your lease, if you hold one."""

    lease_token = serializers.IntegerField(required=False, default=None, allow_null=True)


class TokenIn(Input):
    """The token of your lease."""

    lease_token = serializers.IntegerField()
