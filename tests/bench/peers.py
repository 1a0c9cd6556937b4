"""The script that a person would write today, as a peer for the relay: GDAL, age, scp, age.

The SSH server is this benchmark's own: its own keys and settings, on 127.0.0.1, stopped by pid. It
is Debian's sshd, downloaded and unpacked but never installed: an installed one would listen on
every network of the machine.
"""

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

CACHE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "data", "cache"))
START_SECONDS = 15
SSHD_PACKAGES = ["openssh-server", "libwrap0"]

SETTINGS = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/client.pub
AuthenticationMethods publickey
PasswordAuthentication no
UsePAM no
PermitRootLogin prohibit-password
StrictModes no
PidFile none
Subsystem sftp internal-sftp
LogLevel ERROR
"""


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def download(folder):
    """As root apt would hand the download to its user _apt, who cannot write here."""
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *SSHD_PACKAGES]
    if subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, check=False).returncode == 0:
        return
    if os.getuid() != 0:
        raise RuntimeError("as root, run 'apt-get update' once, then this again")
    run("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600", "update")
    subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, check=True)


def sshd_program():
    """The server's path and the folder of its libraries (None: the system's)."""
    installed = "/usr/sbin/sshd"
    if os.access(installed, os.X_OK):
        return installed, None
    folder = os.path.join(CACHE, "sshd")
    program = os.path.join(folder, "usr", "sbin", "sshd")
    if not os.path.exists(program):
        os.makedirs(CACHE, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE, prefix=".part.") as part:
            download(part)
            for package in glob.glob(os.path.join(part, "*.deb")):
                run("dpkg-deb", "-x", package, os.path.join(part, "tree"))
            os.rename(os.path.join(part, "tree"), folder)
    return program, glob.glob(os.path.join(folder, "usr", "lib", "*-linux-gnu"))[0]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sshd:
    """An SSH server for ourselves on a free port of 127.0.0.1; use as a context manager."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self.server = None
        for name in ("host", "client"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(folder, name))
        with open(os.path.join(folder, "host.pub")) as public, \
                open(os.path.join(folder, "known"), "w") as known:
            known.write(f"[127.0.0.1]:{self.port} {public.read()}")
        with open(os.path.join(folder, "sshd_config"), "w") as out:
            out.write(SETTINGS.format(port=self.port, folder=folder))

    def command(self, program):
        serve = [program, "-D", "-e", "-f", os.path.join(self.folder, "sshd_config")]
        if os.getuid() != 0:
            return serve
        # As root it wants a user and a folder for its unprivileged half, and refuses a locked root.
        # It gets them in a mount namespace that only it sees.
        passwd = os.path.join(self.folder, "passwd")
        shadow = os.path.join(self.folder, "shadow")
        with open(passwd, "w") as out:
            out.write(f"{self.user}:x:0:0::{self.folder}:/bin/sh\n"
                      "sshd:*:65533:65534::/run/sshd:/usr/sbin/nologin\n")
        with open(shadow, "w") as out:
            out.write(f"{self.user}:NP:1::::::\n")  # no password, and not locked
        return ["unshare", "--mount", "sh", "-ec",
                'mount --bind "$1" /etc/passwd; mount --bind "$2" /etc/shadow\n'
                'mount -t tmpfs tmpfs /run; mkdir -m 755 /run/sshd; shift 2; exec "$@"',
                "sh", passwd, shadow, *serve]

    def __enter__(self):
        program, libraries = sshd_program()
        environment = dict(os.environ, **({"LD_LIBRARY_PATH": libraries} if libraries else {}))
        log = os.path.join(self.folder, "sshd.log")
        with open(log, "w") as err:
            self.server = subprocess.Popen(self.command(program), env=environment, stderr=err,
                                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.server.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as link:
                    link.settimeout(START_SECONDS)
                    if link.recv(4) == b"SSH-":
                        return self
            except OSError:
                time.sleep(0.05)
        self.__exit__()
        with open(log) as said:
            raise RuntimeError("sshd did not start: " + said.read().strip())

    def __exit__(self, *_):
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(START_SECONDS)

    def copy_command(self, source, target):
        """scp as anyone would call it: its own choice of cipher, over SFTP."""
        return ["scp", "-q", "-F", "/dev/null", "-P", str(self.port),
                "-i", os.path.join(self.folder, "client"), "-o", "IdentitiesOnly=yes",
                "-o", "UserKnownHostsFile=" + os.path.join(self.folder, "known"),
                source, f"{self.user}@127.0.0.1:{target}"]


def rewrite_command(kind, source, target):
    """The same file made anew by GDAL, spatial index included, as by default."""
    if kind != "raster":
        return ["ogr2ogr", "-q", "-f", "GPKG", target, source]
    return ["gdal_translate", "-q", "-of", "GTiff", "-co", "TILED=YES", "-co", "BIGTIFF=IF_SAFER",
            source, target]


def run_script(kind, source, timed):
    """Carries `source` to a receiver in the four steps; timed(name, command) measures one. The last
    step's file is left to look at and removed with the folder: returns (file, folder)."""
    folder = tempfile.mkdtemp(prefix="hangu-script-")
    try:
        made = os.path.join(folder, "made" + os.path.splitext(source)[1])
        sealed = os.path.join(folder, "made.age")
        arrived = os.path.join(folder, "arrived.age")
        opened = os.path.join(folder, "opened" + os.path.splitext(source)[1])
        key = os.path.join(folder, "age.key")
        run("age-keygen", "-o", key)
        recipient = run("age-keygen", "-y", key).strip()
        with Sshd(folder) as server:
            timed(os.path.basename(rewrite_command(kind, source, made)[0]),
                  rewrite_command(kind, source, made))
            timed("age encrypt", ["age", "-r", recipient, "-o", sealed, made])
            timed("scp", server.copy_command(sealed, arrived))
            timed("age decrypt", ["age", "-d", "-i", key, "-o", opened, arrived])
        return opened, folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
