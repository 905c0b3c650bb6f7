"""The `component` tag: a template that sees its parameters, a body and named parts, and nothing else."""

from typing import cast

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Template, Token, token_kwargs
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


class PartNode(template.Node):
    """One named part of a component; the component it stands in renders it."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """Refuse to render: a part that stands in no component has nowhere to go."""
        raise template.TemplateSyntaxError(f"part {self.name!r} does not stand directly in a component")


class ComponentNode(template.Node):
    """A component with what is passed to it."""

    def __init__(
        self, name: FilterExpression, parameters: dict[str, FilterExpression], nodelist: NodeList
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.nodelist = nodelist
        self.parts = {node.name: node.nodelist for node in nodelist if isinstance(node, PartNode)}
        self.body = NodeList(node for node in nodelist if not isinstance(node, PartNode))

    def render(self, context: Context) -> SafeString:
        """Return the component's markup without the white space around it.

        The body and the parts are rendered in the page's context. The component sees only them and its
        parameters, and the CSRF token, as in Django's own inclusion tags.
        """
        values: dict[str, object] = {key: value.resolve(context) for key, value in self.parameters.items()}
        values |= {name: _trimmed(nodelist, context) for name, nodelist in self.parts.items()}
        values["body"] = _trimmed(self.body, context)
        if "csrf_token" in context:
            values.setdefault("csrf_token", context["csrf_token"])
        # Looked up once a page, not once a row: the lowest of these layers is the page's.
        page = cast("dict[object, dict[str, Template]]", context.render_context.dicts[0])
        known = page.setdefault(self, {})
        name = str(self.name.resolve(context))
        if name not in known:
            assert context.template is not None
            known[name] = context.template.engine.get_template(name)
        return mark_safe(known[name].render(context.new(values)).strip())  # noqa: S308 - templates escape


def _trimmed(nodelist: NodeList, context: Context) -> SafeString:
    return mark_safe(nodelist.render(context).strip())  # noqa: S308 - templates escape


@register.tag
def component(parser: Parser, token: Token) -> ComponentNode:
    """Render the named template with these parameters and with what stands between the tags.

    `{% component "components/card.html" id="text-title" %}…{% endcomponent %}` gives the template `id` and
    `body`. `{% part "aside" %}…{% endpart %}` directly inside gives it `aside` and is no part of `body`.
    """
    name, *bits = token.split_contents()[1:]
    parameters = token_kwargs(bits, parser)
    if bits:
        raise template.TemplateSyntaxError(
            f"component takes a template and name=value pairs, not {bits[0]!r}"
        )
    nodelist = parser.parse(("endcomponent",))
    parser.delete_first_token()
    return ComponentNode(parser.compile_filter(name), parameters, nodelist)


@register.tag
def part(parser: Parser, token: Token) -> PartNode:
    """Give a part under this name to the component around it."""
    _, name = token.split_contents()
    nodelist = parser.parse(("endpart",))
    parser.delete_first_token()
    return PartNode(name.strip("\"'"), nodelist)
