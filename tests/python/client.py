#!/usr/bin/env python3
"""Calls one function of a devtools-runtime server: python3 client.py URL TOKEN NAME [ARGUMENT …]

Written from docs/protocol.md with the standard library alone. URL is the address of the mount, such as
http://127.0.0.1:7812/__devtools/; each ARGUMENT is JSON. Prints the result as JSON.
"""

import http.client
import itertools
import json
import queue
import sys
import threading
import urllib.parse
import urllib.request


class CallFailed(Exception):
    """The function failed, or could not be called."""


class Client:
    """A session over server-sent events: one event stream down, and a POST for each frame up."""

    def __init__(self, base, token):
        # 3.2 and 3.3: the metadata says where the event stream is.
        with urllib.request.urlopen(urllib.parse.urljoin(base, "__connection.json")) as response:
            base, metadata = response.url, json.load(response)
        sse = metadata["sse"]
        path = sse if isinstance(sse, str) else sse.get("path", "")
        endpoint = urllib.parse.urlsplit(urllib.parse.urljoin(base, path))
        query = urllib.parse.urlencode({"devframe_auth_token": token})
        self.authority, self.path = endpoint.netloc, f"{endpoint.path}?{query}"
        self.ids = itertools.count(1)
        self.pushed = queue.Queue()
        # 5: the first event names the session.
        self.connection = http.client.HTTPConnection(self.authority)
        self.connection.request("GET", self.path)
        stream = self.connection.getresponse()
        if stream.status != 200:
            raise CallFailed(f"no session: {stream.status} {stream.read().decode()}")
        events = self.events(stream)
        self.session = next(data for name, data in events if name == "session")
        threading.Thread(target=self.listen, args=(events,), daemon=True).start()
        # 4.2: the handshake is the first call.
        introduction = {"authToken": token, "ua": "client.py", "origin": ""}
        if not self.call("anonymous:devframe:auth", introduction)["isTrusted"]:
            raise CallFailed("the server does not know this token")

    @staticmethod
    def events(stream):
        """The events of the stream, as pairs of name and data."""
        name, data = "message", []
        for line in stream:
            line = line.decode().rstrip("\n")
            if not line and data:
                yield name, "\n".join(data)
                name, data = "message", []
            elif line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data.append(line.removeprefix("data: "))

    def listen(self, events):
        """Keeps the frames that the server sends by itself."""
        for _, frame in events:
            self.pushed.put(read(frame))

    def call(self, method, *arguments):
        """Calls a function and returns its result."""
        request = {"m": method, "a": arguments, "t": "q", "i": str(next(self.ids))}
        connection = http.client.HTTPConnection(self.authority)
        headers = {"x-birpc-session": self.session, "content-type": "text/plain; charset=utf-8"}
        connection.request("POST", self.path, json.dumps(request).encode(), headers)
        response = connection.getresponse()
        text = response.read().decode()
        if response.status != 200:
            raise CallFailed(f"{response.status} {text}")
        reply = read(text)
        if reply.get("e"):
            raise CallFailed(reply["e"]["message"])
        return reply.get("r")


def read(frame):
    """The value of a frame in either codec (2.1)."""
    return records(json.loads(frame[2:])) if frame.startswith("s:") else json.loads(frame)


def records(texts, index=0):
    """The value of a structured-clone record (2.4), with the types that JSON has."""
    tag, payload = (texts[index] + [None])[:2]
    if tag in (1, 6):
        return [records(texts, item) for item in payload]
    if tag in (2, 5):
        return {records(texts, key): records(texts, value) for key, value in payload}
    if tag in (8, "BigInt"):
        return int(payload)
    return payload  # primitives, dates, errors, and arrays of numbers are their payload


if __name__ == "__main__":
    base, token, method, *arguments = sys.argv[1:]
    try:
        print(json.dumps(Client(base, token).call(method, *map(json.loads, arguments))))
    except CallFailed as failure:
        sys.exit(f"{method} failed: {failure}")
