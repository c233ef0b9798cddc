"""The ways on which a notice leaves: mail by Django's backends, everything else by people or by a vendor's class.

No vendor comes with Matins. Without one a letter, a text message or a call is an `Errand`: a row that somebody sees to,
and closes with `log_contact`.
"""

from email.utils import parseaddr
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from casework.exceptions import NoAddressError
from casework.models import Channel as Name
from casework.models import Errand, Notice
from casework.texts import Text
from common import clock
from loans.identity import Identity


class Channel(Protocol):
    """A way to the borrower. Sending may happen twice with the same key, so the receiver is given it."""

    def send(self, key: str, *, notice: Notice, identity: Identity, text: Text) -> None:
        """Hand one message over.

        Args:
            key: the receiver's idempotency key.
            notice: what is sent, with its step's version.
            identity: the borrower's.
            text: the message.

        Raises:
            NoAddressError: the borrower has none on this channel; nothing can change that but a new address.
        """


class Email:
    """Mail through Django's backend, its Message-ID made of the key."""

    def send(self, key: str, *, notice: Notice, identity: Identity, text: Text) -> None:
        """Send one mail; raises what the backend raises."""
        if not identity.email:
            raise NoAddressError("e-mail address")
        sender = notice.step.strategy.sender
        domain = parseaddr(sender)[1].rpartition("@")[2]
        message = EmailMessage(
            text.subject, text.body, sender, [identity.email], headers={"Message-ID": f"<{key}@{domain}>"}
        )
        message.send()


class ByHand:
    """Leaves an errand for somebody; the text is rendered when it is opened."""

    def send(self, key: str, *, notice: Notice, identity: Identity, text: Text) -> None:  # noqa: ARG002 - the port's
        """Make the errand, once."""
        made = {"channel": notice.version.channel, "made_on": clock.today()}
        Errand.objects.get_or_create(notice=notice, defaults=made)


def channel(name: str) -> Channel:
    """Return who brings messages on a channel: the class that `MATINS_CHANNELS` names, or the default."""
    path = settings.MATINS_CHANNELS.get(name)
    if path:
        vendor: Channel = import_string(path)()
        return vendor
    return Email() if name == Name.EMAIL else ByHand()
