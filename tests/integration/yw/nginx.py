# SPDX-License-Identifier: Apache-2.0
"""The distribution's nginx in a folder of its own: TLS and HTTP/2 in front of a folder with an index."""

import os
import pathlib
import shutil
import socket
import subprocess

CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  default_type text/plain;
  log_format plain "$status $server_protocol $uri";
  access_log {folder}/access.log plain;
  server {{
    listen 127.0.0.1:{port} ssl http2;
    server_name localhost;
    ssl_certificate {authority}/localhost.pem;
    ssl_certificate_key {authority}/localhost.key;
    {directives}
    location /index/ {{ alias {index}/; }}
  }}
}}
"""


def make_authority(folder):
    """A certificate authority of our own (ca.pem) and what it signed for localhost."""
    def openssl(*args):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", *args], cwd=folder, capture_output=True, timeout=60, check=True)
    openssl("-subj", "/CN=yankwatch tests", "-keyout", "ca.key", "-out", "ca.pem",
            "-addext", "keyUsage=critical,keyCertSign")
    openssl("-subj", "/CN=localhost", "-keyout", "localhost.key", "-out", "localhost.pem",
            "-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")


class Nginx:
    def __init__(self, folder, index, authority, directives=""):
        """`directives` are added to the server's own."""
        self.folder, self.index, self.ca_file = pathlib.Path(folder), index, f"{authority}/ca.pem"
        self.folder.mkdir()
        # nginx takes over a socket that listens already: the port is ours from the start, and nothing has to wait.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            (self.folder / "nginx.conf").write_text(CONFIGURATION.format(
                user="user root;" if os.geteuid() == 0 else "", folder=folder, port=port,
                authority=authority, index=index.folder, directives=directives))
            program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
            assert program, "no nginx: scripts/deps test installs it"
            with open(self.folder / "stderr", "wb") as stderr:
                self.process = subprocess.Popen(
                    [program, "-p", folder, "-c", "nginx.conf", "-e", "error.log"], stdin=subprocess.DEVNULL,
                    stdout=stderr, stderr=stderr, pass_fds=[listener.fileno()],
                    env={"NGINX": f"{listener.fileno()};"})
        self.index_url = f"sparse+https://localhost:{port}/index/"

    def requests(self):
        """[(status, protocol, path)] of what was asked for so far."""
        lines = (self.folder / "access.log").read_text().splitlines()
        return [(int(status), protocol, path) for status, protocol, path in (line.split(" ", 2) for line in lines)]

    def stop(self):
        self.process.terminate()
        assert self.process.wait(30) == 0, (self.folder / "stderr").read_text()
