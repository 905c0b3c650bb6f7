"""A component of the pages shows what it is given, and sees nothing else."""

import pytest
from django.template import Context, Engine, TemplateSyntaxError

TEMPLATES = {
    "card": "<h2>{{ title }}</h2>{% if aside is not None %}<i>{{ aside }}</i>{% endif %}{{ body }}",
    "secret": "{% if claim %}seen{% else %}unseen{% endif %} {{ csrf_token }}",
    "inner": "({{ body }})",
}


def shown(page: str, **values: object) -> str:
    engine = Engine(
        loaders=[("django.template.loaders.locmem.Loader", TEMPLATES | {"page": page})],
        libraries={"components": "annotations.templatetags.components"},
        builtins=["annotations.templatetags.components"],
    )
    return engine.get_template("page").render(Context(values))


def test_a_component_shows_its_parameters_its_body_and_its_parts() -> None:
    page = (
        '{% component "card" title=words %}{% part "aside" %} {{ count }} {% endpart %}'
        " <p>{{ words }}</p> {% endcomponent %}"
    )
    assert shown(page, words="Sources", count=3) == "<h2>Sources</h2><i>3</i><p>Sources</p>"


def test_a_part_that_is_empty_is_told_from_one_that_is_not_there() -> None:
    empty = '{% part "aside" %}{% if no %}x{% endif %}{% endpart %}'
    with_part = '{% component "card" title="T" %}' + empty + "{% endcomponent %}"
    assert shown(with_part, no=False) == "<h2>T</h2><i></i>"
    assert shown('{% component "card" title="T" %}{% endcomponent %}') == "<h2>T</h2>"


def test_what_people_typed_stays_text_in_a_component() -> None:
    page = (
        '{% component "card" title=words %}{{ words }}'
        '{% part "aside" %}{{ words }}{% endpart %}{% endcomponent %}'
    )
    text = shown(page, words="<script>")
    assert text == "<h2>&lt;script&gt;</h2><i>&lt;script&gt;</i>&lt;script&gt;"


def test_a_component_sees_the_forms_token_and_nothing_else_of_the_page() -> None:
    assert shown('{% component "secret" %}{% endcomponent %}', claim=1, csrf_token="t") == "unseen t"


def test_a_component_may_stand_in_another_and_in_a_loop() -> None:
    page = (
        "{% for word in words %}"
        '{% component "inner" %}{% component "inner" %}{{ word }}{% endcomponent %}{% endcomponent %}'
        "{% endfor %}"
    )
    assert shown(page, words=["a", "b"]) == "((a))((b))"


def test_a_part_belongs_to_the_component_it_stands_in() -> None:
    with pytest.raises(TemplateSyntaxError, match="does not stand directly in a component"):
        shown('{% part "aside" %}x{% endpart %}')
    with pytest.raises(TemplateSyntaxError, match="name=value pairs"):
        shown('{% component "card" title %}{% endcomponent %}')
