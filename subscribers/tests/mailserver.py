"""A real mail server on this machine that takes mails, or does with them what mail servers do on bad days."""

import asyncio
import logging
import threading
from collections import Counter
from contextlib import contextmanager
from socket import socket

from aiosmtpd.controller import Controller

CUT = object()
logging.getLogger("mail.log").setLevel(logging.ERROR)


class MailServer:
    """`taken` holds who got a mail. `rcpt` and `data` say by address what is answered instead of "250 OK":

    a reply, CUT (the line is cut before the answer), or a function that is called and whose result counts.
    "*" stands for all other addresses.
    """

    def __init__(self):
        self.taken, self.envelopes, self.connections = [], [], 0
        self.rcpt, self.data, self.sender = {}, {}, ""
        self.keep_envelopes = True
        self.pause = 0.0  # seconds that it thinks about each mail
        self._lock = threading.Lock()

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.sender:
            return self.sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = await self._answer(self.rcpt, address, server)
        if answer is None:
            envelope.rcpt_tos.append(address)
            return "250 OK"
        return answer

    async def handle_DATA(self, server, session, envelope):
        (address,) = envelope.rcpt_tos
        if self.pause:
            await asyncio.sleep(self.pause)
        answer = await self._answer(self.data, address, server, envelope)
        if answer is None:
            self.take(envelope)
            return "250 OK"
        return answer

    def take(self, envelope):
        with self._lock:
            self.taken.append(envelope.rcpt_tos[0])
            if self.keep_envelopes:
                self.envelopes.append(envelope)

    def twice(self):
        """Who got more than one mail."""
        return [address for address, count in Counter(self.taken).items() if count > 1]

    async def _answer(self, script, address, server, envelope=None):
        answer = script.get(address, script.get("*"))
        if callable(answer):
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(None, answer, address)
        if answer is CUT:
            if envelope is not None:
                self.take(envelope)
            server.transport.abort()
            return "250 OK"
        return answer


def free_port():
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def mail_server(settings):
    """Runs while the block does; the site sends its mails there."""
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    server.controller = controller
    controller.start()
    use(settings, controller.port)
    try:
        yield server
    finally:
        controller.stop()


def use(settings, port):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 2
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
