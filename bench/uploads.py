"""A file that is brought to a page without a browser: over Streamlit's own endpoint, as its uploader sends it."""

from __future__ import annotations

import asyncio
from http.client import HTTPConnection
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileUploaderState, FileURLs, UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.session import PATIENCE, Session

BOUNDARY = "bench-dearest-4f1c6a"
ESCAPES = str.maketrans({"\n": "%0A", "\r": "%0D", '"': "%22"})  # as a browser writes them: HTML, multipart form data


async def bring(one: Session, url: str, suffix: str, name: str, content: bytes) -> float:
    """Bring a file to the uploader whose id ends in `suffix` on an open page of the server at `url`; seconds of the
    run that follows. Raises OSError where the server does not take the file."""
    place = await _place(one, name)
    await asyncio.to_thread(_put, url, place.upload_url, name, content)
    info = UploadedFileInfo(file_id=place.file_id, name=name, size=len(content), file_urls=place)
    return await one.send(suffix, file_uploader_state_value=FileUploaderState(uploaded_file_info=[info]))


async def _place(one: Session, name: str) -> FileURLs:
    """Where the server wants the file."""
    message = BackMsg()
    message.file_urls_request.request_id = "1"
    message.file_urls_request.file_names.append(name)
    await one.socket.send(message.SerializeToString())
    return await asyncio.wait_for(_answer(one), PATIENCE)


async def _answer(one: Session) -> FileURLs:
    while True:
        answer = ForwardMsg.FromString(bytes(await one.socket.recv(decode=False)))
        if answer.WhichOneof("type") == "file_urls_response":
            return answer.file_urls_response.file_urls[0]
        one.take(answer)


def _put(url: str, path: str, name: str, content: bytes) -> None:
    """Send the bytes, with the token against forged uploads that the server gives to every browser."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    try:
        connection.request("GET", "/_stcore/health")
        answer = connection.getresponse()
        answer.read()
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        headers = {"Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2]}
        headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
        connection.request("PUT", path, _form(name, content), headers)
        answer = connection.getresponse()
        said = answer.read().decode(errors="replace")
    finally:
        connection.close()
    if answer.status != 204:
        raise OSError(f"the server does not take {name[:80]!r}: {answer.status} {said[:200]}")


def _form(name: str, content: bytes) -> bytes:
    """A form with one file in it."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name.translate(ESCAPES)}"\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
