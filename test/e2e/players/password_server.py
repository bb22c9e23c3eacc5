#!/usr/bin/env python3
"""An HTTP server that wants a password, Basic or Digest, and then sends a recording at its own pace.

    password_server.py basic|digest PORT USER:PASSWORD FILE
"""

import base64
import hashlib
import http.server
import secrets
import subprocess
import sys
import urllib.request

REALM = "the tests"


def md5(*parts):
    return hashlib.md5(":".join(parts).encode()).hexdigest()


class Basic:
    def __init__(self, user, password):
        self._expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def challenge(self):
        return f'Basic realm="{REALM}"'

    def accepts(self, handler):
        return handler.headers.get("Authorization") == self._expected


class Digest:
    """RFC 7616 with MD5 and qop=auth."""

    def __init__(self, user, password):
        self._user, self._secret = user, md5(user, REALM, password)
        self._nonce = secrets.token_hex(16)

    def challenge(self):
        return f'Digest realm="{REALM}", nonce="{self._nonce}", qop="auth", algorithm=MD5'

    def accepts(self, handler):
        scheme, _, text = handler.headers.get("Authorization", "").partition(" ")
        given = urllib.request.parse_keqv_list(urllib.request.parse_http_list(text))
        if scheme.lower() != "digest" or given.get("username") != self._user or given.get("nonce") != self._nonce:
            return False
        asked = md5(handler.command, handler.path)
        return given.get("uri") == handler.path and given.get("response") == md5(
            self._secret, self._nonce, given.get("nc", ""), given.get("cnonce", ""), given.get("qop", ""), asked)


class Handler(http.server.BaseHTTPRequestHandler):
    guard = file = None

    def do_GET(self):
        if not self.guard.accepts(self):
            self.send_response(401)
            self.send_header("WWW-Authenticate", self.guard.challenge())
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "video/x-ms-asf")
        self.end_headers()
        with subprocess.Popen(["ffmpeg", "-nostdin", "-v", "error", "-re", "-i", self.file, "-map", "0", "-c", "copy",
                               "-f", "asf", "-"], stdout=subprocess.PIPE) as sender:
            try:
                while data := sender.stdout.read1(65536):
                    self.wfile.write(data)
            except OSError:
                pass
            sender.kill()


def main():
    scheme, port, credentials, Handler.file = sys.argv[1:]
    Handler.guard = {"basic": Basic, "digest": Digest}[scheme](*credentials.split(":", 1))
    http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        pass
