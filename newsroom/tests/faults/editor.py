"""An editor at a browser without JavaScript: signs in, opens the article's form, types, saves, reads what is said."""

import http.client
import time
from dataclasses import dataclass, field
from email.message import Message
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from newsroom.tests.faults.forms import Form, form_of

PATIENCE = 120  # seconds after which an answer is taken for one that never comes


class Gone(Exception):
    """The server went away before it had answered."""


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    location: str
    page: str
    seconds: float
    headers: Message


@dataclass
class Editor:
    """One browser with its cookies and one kept-open connection; of use to one thread at a time."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def sign_in(self, login: str, password: str) -> None:
        """Through the page of the admin, as people do."""
        form = form_of(self.get("/admin/login/?next=/admin/").page, "username")
        form.put("username", login)
        form.put("password", password)
        answer = self.post("/admin/login/?next=/admin/", form)
        assert answer.status == 302, f"{login} is not let in: {answer.status}"

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, "", headers)

    def post(self, path: str, form: Form, **headers: str) -> Answer:
        return self._ask("POST", path, urlencode(form), headers)

    def open(self, article: int) -> Form:
        """The article's form as it is shown."""
        answer = self.get(form_path(article))
        assert answer.status == 200, answer.status
        form = form_of(answer.page, "based_on")
        assert form, "The page holds no form of the article."
        return form

    def save(self, article: int, form: Form, button: str = "_continue", value: str = "1", **headers: str) -> Answer:
        """Send the whole form with the button pressed."""
        return self.post(form_path(article), Form([*form, (button, value)]), **headers)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
        began = time.monotonic()
        try:
            status, told, page = self._once(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Gone(f"{method} {path}: {error!r}") from error
        seconds = time.monotonic() - began
        return Answer(status, told.get("Location", ""), page, seconds, told)

    def _once(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, Message, str]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if method == "POST":
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self.port}"}
        self._connection.request(method, path, body.encode() or None, sent)
        response = self._connection.getresponse()
        page = response.read().decode("utf-8", "replace")
        for line in response.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return response.status, response.headers, page


def form_path(article: int) -> str:
    return f"/admin/articles/article/{article}/change/"


def verb_path(article: int, verb: str) -> str:
    return f"/admin/articles/article/{article}/verb/{verb}/"
