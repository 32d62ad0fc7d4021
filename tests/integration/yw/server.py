# SPDX-License-Identifier: Apache-2.0
"""An HTTP/1.1 server on a free loopback port, in a thread: what registry and receiver have in common."""

import http.server
import ssl
import threading

HANG = "hang"  # instead of a status: no answer for now


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def reply(self, status, body=b"", **headers):
        """Header names are written with _ for -."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status not in (204, 304):
            self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def log_message(self, format, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a connection that is kept alive ends with its client

    def __init__(self, handler, owner, port=0, authority=None):
        """With the folder of an authority (yw.nginx.make_authority) it speaks TLS, with that one's certificate."""
        super().__init__(("127.0.0.1", port), handler)
        self.owner = owner  # what the handler works for
        self.url = f"http://127.0.0.1:{self.server_port}"
        if authority:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(authority / "localhost.pem", authority / "localhost.key")
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
            self.url = f"https://localhost:{self.server_port}"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def handle_error(self, request, client_address):
        pass  # a client that was killed in the middle is what some tests are about

    def stop(self):
        self.shutdown()
        self._thread.join()
        self.server_close()
