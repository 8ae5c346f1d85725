"""An SMTP server of others (aiosmtpd) for tests: prints what it took, one JSON object a line.

smtp-server.py plain|starttls|tls [CERT KEY]; with TLS it also wants the user and password below.
"""

import json
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

kind = sys.argv[1]
context = None
if kind != "plain":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[2], sys.argv[3])


class Handler:
    async def handle_DATA(self, server, session, envelope):
        mail = {
            "tls": session.ssl is not None or kind == "tls",
            "user": session.auth_data.login.decode() if session.auth_data else None,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "data": envelope.content.decode("utf-8", "replace"),
        }
        print(json.dumps(mail), flush=True)
        return "250 taken"


def authenticator(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and data.login == b"backup" and data.password == b"pa ss\xc3\xa4"
    return AuthResult(success=good, handled=False, auth_data=data)


settings = {"hostname": "127.0.0.1", "port": 0}
if kind != "plain":
    settings |= {"authenticator": authenticator, "auth_required": True, "auth_require_tls": kind == "starttls"}
if kind == "starttls":
    settings |= {"tls_context": context, "require_starttls": True}
if kind == "tls":
    settings |= {"ssl_context": context}


class Ready(Controller):
    def _trigger_server(self):
        # The port is 0: the kernel has chosen one, and the base class would connect to 0.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


controller = Ready(Handler(), **settings)
controller.start()
print(json.dumps({"port": controller.port}), flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), controller.stop()), daemon=False).start()
