"""Programs that run for the time of a test: a PKI, an SM-DP+ with its administration, cards."""
import json
import os
import signal
import subprocess

import tap

PKI, CARD, LPA = tap.program("rsp-pki"), tap.program("rsp-euicc"), tap.program("rsp-lpa")
OPERATOR, SMDP = tap.program("rsp-operator"), tap.program("rsp-smdp")
SAMPLE = os.path.join(tap.SOURCE, "samples", "operator.asn1")
NAME = "smdp.example.com"
running = []


def must(*command, stdin=None):
    """Standard output of a command without which the test cannot go on."""
    code, out, err = tap.run(*command, stdin=stdin)
    if code != 0:
        raise SystemExit(f"{' '.join(command)}: exit {code}\n{err}")
    return out.decode()


class Server:
    """rsp-smdp serve; `at`: where each listener is found."""

    def __init__(self, config, listeners=1, log=None):
        self.config, self.at = config, {}
        with open(log or os.path.join(os.path.dirname(config), "log"), "ab") as errors:
            self.process = subprocess.Popen([SMDP, "serve", config], stdout=subprocess.PIPE, stderr=errors, text=True)
        running.append(self.process)
        for line in self.process.stdout:
            if line.startswith("ready "):
                place, name = line.split("=", 1)[1].split()
                self.at[name] = place
            if len(self.at) == listeners:
                return
        raise SystemExit(f"{config}: the server does not start")

    def stop(self, how=signal.SIGTERM):
        """Its exit code."""
        self.process.send_signal(how)
        code = self.process.wait(60)
        self.process.stdout.close()
        running.remove(self.process)
        return code


class Smdp:
    """A folder with a server and its administrator."""

    def __init__(self, folder, *certs, address=NAME, listen="127.0.0.1:0"):
        self.folder, self.config, self.data = folder, os.path.join(folder, "smdp.conf"), os.path.join(folder, "data")
        must(SMDP, "init", folder, *sum((["--certs", c] for c in certs), []), "--address", address, "--listen", listen)

    def serve(self, listeners=1):
        self.server = Server(self.config, listeners)
        return self.server

    def command(self, *words):
        return [SMDP, *words, "--data", self.data]

    def ask(self, *words, stdin=None):
        """Exit code, standard output as text, standard error."""
        code, out, err = tap.run(*self.command(*words), stdin=stdin)
        return code, out.decode(), err

    def objects(self, *words, stdin=None):
        """What is answered under --json, each line an object; None if it was refused."""
        code, out, err = self.ask(*words, "--json", stdin=stdin)
        return [json.loads(line) for line in out.splitlines()] if code == 0 else None

    def object(self, *words, stdin=None):
        got = self.objects(*words, stdin=stdin)
        return got[0] if got else None


def run_card(path, socket, *options):
    process = subprocess.Popen([CARD, "run", path, "--socket", socket, *options], stdout=subprocess.PIPE, text=True)
    running.append(process)
    for line in process.stdout:
        if line.startswith("ready "):
            return socket
    raise SystemExit(f"{path}: the card does not start")


def card(folder, name, pki):
    """A new card that runs; its socket."""
    path = os.path.join(folder, name)
    must(CARD, "init", path, "--certs", pki)
    return run_card(path, path + ".sock")


def end():
    """Ends what still runs; true if each ended with 0."""
    for process in running:
        process.terminate()
    codes = [process.wait(60) for process in running]
    running.clear()
    return codes.count(0) == len(codes)


def luhn(digits):
    """With the check digit behind them."""
    total = 0
    for i, digit in enumerate(reversed(digits)):
        twice = int(digit) * (2 - i % 2)
        total += twice - 9 if twice > 9 else twice
    return digits + str(-total % 10)
