# SPDX-License-Identifier: Apache-2.0
"""The distribution's Postfix in a folder of its own: STARTTLS, a login, and mailboxes as folders."""

import os
import pathlib
import shutil
import socket
import subprocess

from yw.wait import wait_for

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = localhost
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtputf8_enable = no
virtual_mailbox_domains = example.com
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 1
alias_maps =
local_recipient_maps =
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {authority}/localhost.pem
smtpd_tls_key_file = {authority}/localhost.key
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
smtpd_client_restrictions = permit_sasl_authenticated, reject
smtpd_helo_required = yes
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

SASL = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN
sasldb_path: {folder}/sasldb
"""


def why_not():
    """A sentence when it cannot run here, else None."""
    if os.geteuid() != 0:
        return "Postfix is started by root alone"
    missing = [name for name in ("postfix", "saslpasswd2") if not shutil.which(name, path="/usr/sbin:/usr/bin")]
    return f"{' and '.join(missing)} missing: scripts/deps mail installs it" if missing else None


class Postfix:
    def __init__(self, folder, authority, mailboxes, user, password):
        self.folder = pathlib.Path(folder)
        self.user, self.password = user, password
        for name in ("conf/sasl", "queue", "data", "mail"):
            (self.folder / name).mkdir(parents=True)
        shutil.chown(self.folder / "data", "postfix")
        os.chown(self.folder / "mail", 65534, 65534)
        self.port = self.free_port()
        names = {"folder": self.folder, "authority": authority, "port": self.port,
                 "mailboxes": " ".join(f"{{{box}@example.com={box}/}}" for box in mailboxes)}
        (self.folder / "conf" / "main.cf").write_text(MAIN.format(**names))
        (self.folder / "conf" / "master.cf").write_text(MASTER.format(**names))
        (self.folder / "conf" / "sasl" / "smtpd.conf").write_text(SASL.format(**names))  # where Debian's looks
        self.set_password()
        self.run("postfix", "-c", self.folder / "conf", "check")
        self.process = subprocess.Popen(["/usr/lib/postfix/sbin/master", "-c", self.folder / "conf", "-d"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            wait_for(self.answers, "Postfix greets")
        except AssertionError:
            self.close()
            raise

    @staticmethod
    def free_port():
        """It takes no listening socket from us, so for a moment the port is anybody's."""
        with socket.create_server(("127.0.0.1", 0)) as probe:
            return probe.getsockname()[1]

    @staticmethod
    def run(*command, **more):
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                       **more)

    def set_password(self):
        self.run("saslpasswd2", "-c", "-p", "-f", self.folder / "sasldb", "-u", "localhost", self.user,
                 input=self.password.encode())
        shutil.chown(self.folder / "sasldb", "postfix")

    def answers(self):
        assert self.process.poll() is None, self.log()
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                return connection.recv(3) == b"220"
        except OSError:
            return False

    def url(self):
        return f"smtp://localhost:{self.port}"

    def mails(self, mailbox):
        """The bytes of each mail in it."""
        return [path.read_bytes() for path in sorted((self.folder / "mail" / mailbox).glob("new/*"))]

    def log(self):
        log = self.folder / "log"
        return log.read_text() if log.exists() else ""

    def close(self):
        self.process.terminate()
        self.process.wait(30)
