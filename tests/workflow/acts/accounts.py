"""The account of a member: what they do with it, and the line that it leaves."""

import json

from django.core import mail

from annotations.domain.activity import Verb
from annotations.models import SecurityKey, User
from annotations.workflow.desks import (
    accounts,
    api_tokens,
    email_address,
    outside_identity,
    second_factor,
    sessions,
)
from annotations.workflow.desks.security_keys import Answer, to_make
from annotations.workflow.desks.security_keys import Site as KeySite
from tests.factories import (
    Team,
    make_second_factor,
)
from tests.fakes.security_key import FakeKey
from tests.workflow.acts.line import Act, Line, one

SITE = KeySite("localhost", "http://localhost")


def _add_key(user: User, proved: second_factor.Proved = second_factor.NOT_PROVED) -> second_factor.SetUp:
    challenge = b"x" * 32
    made = FakeKey().make(json.dumps(to_make(user, [], SITE, challenge)), SITE.origin)
    return second_factor.add_key(
        by=user, name="Blue", answer=Answer(SITE, challenge, made), keep_session=None, proved=proved
    )


def made_link(team: Team) -> Act:
    user = accounts.create_account(team.desk.pk, username="nora", role="editor", by=team.manager).user
    return one(
        lambda: accounts.make_link(team.desk.pk, user_id=user.pk, by=team.manager),
        Verb.MADE_LINK, team.manager, person="nora",
    )  # fmt: skip


def set_password(team: Team) -> Act:
    user = accounts.create_account(team.desk.pk, username="nora", role="editor", by=team.manager).user
    link = accounts.make_link(team.desk.pk, user_id=user.pk, by=team.manager)
    return one(
        lambda: accounts.set_first_password(link.uid, link.token, password="correct horse battery"),
        Verb.SET_PASSWORD, user,
    )  # fmt: skip


def changed_password(team: Team) -> Act:
    return one(
        lambda: accounts.change_password(team.editor, password="correct horse battery", by=team.editor),
        Verb.SET_PASSWORD, team.editor,
    )  # fmt: skip


def signed_in_on_new_device(team: Team) -> Act:
    return one(
        lambda: sessions.note_device(team.editor, key="", words="Firefox on Linux"),
        Verb.SIGNED_IN_ON_NEW_DEVICE, team.editor, device="Firefox on Linux",
    )  # fmt: skip


def made_token(team: Team) -> Act:
    return one(
        lambda: api_tokens.create_token(user=team.editor, name="morning"),
        Verb.MADE_TOKEN, team.editor, name="morning",
    )  # fmt: skip


def revoked_token(team: Team) -> Act:
    token = api_tokens.create_token(user=team.editor, name="morning").token
    return one(
        lambda: api_tokens.revoke_token(token.pk, by=team.editor),
        Verb.REVOKED_TOKEN, team.editor, name="morning",
    )  # fmt: skip


def set_up_second_factor(team: Team) -> Act:
    return one(lambda: make_second_factor(team.editor), Verb.SET_UP_SECOND_FACTOR, team.editor)


def turned_off_second_factor(team: Team) -> Act:
    proved = make_second_factor(team.editor).proved
    return one(
        lambda: second_factor.turn_off(by=team.editor, proved=proved),
        Verb.TURNED_OFF_SECOND_FACTOR, team.editor,
    )  # fmt: skip


def added_security_key(team: Team) -> Act:
    return Act(
        lambda: _add_key(team.editor),
        None,
        [
            Line(Verb.SET_UP_SECOND_FACTOR, team.editor),
            Line(Verb.ADDED_SECURITY_KEY, team.editor, {"name": "Blue"}),
        ],
    )


def added_another_security_key(team: Team) -> Act:
    proved = make_second_factor(team.editor).proved
    return one(lambda: _add_key(team.editor, proved), Verb.ADDED_SECURITY_KEY, team.editor, name="Blue")


def removed_security_key(team: Team) -> Act:
    proved = make_second_factor(team.editor).proved
    _add_key(team.editor, proved)
    key = SecurityKey.objects.get()
    return one(
        lambda: second_factor.remove_key(key.pk, by=team.editor, proved=proved),
        Verb.REMOVED_SECURITY_KEY, team.editor, name="Blue",
    )  # fmt: skip


def removed_app(team: Team) -> Act:
    proved = make_second_factor(team.editor).proved
    _add_key(team.editor, proved)
    return one(lambda: second_factor.remove_app(by=team.editor, proved=proved), Verb.REMOVED_APP, team.editor)


def used_recovery_code(team: Team) -> Act:
    codes = make_second_factor(team.editor).codes
    return one(lambda: second_factor.prove(team.editor, code=codes[0]), Verb.USED_RECOVERY_CODE, team.editor)


def renewed_recovery_codes(team: Team) -> Act:
    proved = make_second_factor(team.editor).proved
    return one(
        lambda: second_factor.renew_recovery_codes(by=team.editor, proved=proved),
        Verb.RENEWED_RECOVERY_CODES, team.editor,
    )  # fmt: skip


def _token(team: Team) -> str:
    email_address.ask_to_confirm("eva@example.org", by=team.editor, link="[{token}]")
    return str(mail.outbox[-1].body).partition("[")[2].partition("]")[0]


def confirmed_email(team: Team) -> Act:
    token = _token(team)
    return one(lambda: email_address.confirm(token, by=team.editor), Verb.CONFIRMED_EMAIL, team.editor)


def removed_email(team: Team) -> Act:
    email_address.confirm(_token(team), by=team.editor)
    return one(lambda: email_address.remove(by=team.editor), Verb.REMOVED_EMAIL, team.editor)


EVA = outside_identity.Identity("https://id.example.org", "eva", "eva")


def connected_outside_sign_in(team: Team) -> Act:
    return one(
        lambda: outside_identity.connect(EVA, by=team.editor), Verb.CONNECTED_OUTSIDE_SIGN_IN, team.editor
    )


def disconnected_outside_sign_in(team: Team) -> Act:
    outside_identity.connect(EVA, by=team.editor)
    return one(
        lambda: outside_identity.disconnect(by=team.editor), Verb.DISCONNECTED_OUTSIDE_SIGN_IN, team.editor
    )
