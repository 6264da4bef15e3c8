"""A page of the documentation as a test: what stands in its blocks of "sh" is pasted into one bash in an empty folder,
and what is said is compared with the block of "answer" below it."""
import os
import re
import socket
import subprocess
import tempfile

import lab
import tap

BLOCK = re.compile(r"^```(sh|answer)\n(.*?)^```$", re.M | re.S)
END = "=== end "


def free_ports(n):
    """Held together, so that no two are the same."""
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [str(s.getsockname()[1]) for s in sockets]
    for s in sockets:
        s.close()
    return ports


def steps(text):
    """Commands and what the page shows below them, or None."""
    found = [(m[1], m[2]) for m in BLOCK.finditer(text)]
    for i, (kind, body) in enumerate(found):
        if kind == "sh":
            yield body, found[i + 1][1] if i + 1 < len(found) and found[i + 1][0] == "answer" else None


def pattern(answer):
    """White space as one likes, and anything for each ellipsis."""
    words = [".*?".join(re.escape(part) for part in word.split("…")) for word in answer.split()]
    return re.compile(r"\s*" + r"\s*".join(words) + r"\s*", re.S)


class Bash:
    """One shell for all of them."""

    def __init__(self, folder):
        path = os.path.dirname(lab.SMDP) + ":" + os.environ["PATH"]
        self.process = subprocess.Popen(["bash"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env=dict(os.environ, PATH=path, LC_ALL="C.UTF-8"))

    def run(self, commands, until):
        """What is shown until a line that begins so, and the rest of that line."""
        self.process.stdin.write(commands)
        self.process.stdin.flush()
        shown = ""
        for line in self.process.stdout:
            if line.startswith(until):
                return shown, line[len(until):].strip()
            shown += line
        return shown, "the shell ended"

    def step(self, commands):
        """What the commands show, and the exit code of the last; a server behind "&" is awaited."""
        if not commands.rstrip().endswith("&"):
            return self.run(commands + f'\ncode=$?; echo; echo "{END}$code"\n', END)
        shown, rest = self.run(commands, "ready ")
        return shown + "ready " + rest, "0"

    def end(self):
        self.process.stdin.close()
        rest = self.process.stdout.read()
        return self.process.wait(), rest


def quiet(shown):
    """Without what bash says of its jobs, and what is said to people beside the answer."""
    return "\n".join(line for line in shown.split("\n") if not line.startswith(("the keys are in ", "[1]")))


def test(path, least):
    """`least`: blocks of commands that there should be."""
    with open(os.path.join(tap.SOURCE, path), encoding="utf-8") as file:
        written = file.read()
    ports = dict(zip(("8443", "8444"), free_ports(2)))
    page = re.sub("844[34]", lambda m: ports[m[0]], written).replace("/usr/local/share/rspkit/operator.asn1", lab.SAMPLE)
    long = [line for line in written.split("\n") if len(line) > 120]
    tap.ok(page.count("```sh") >= least and not long, f"{path} has its commands, within 120 columns", long)
    with tempfile.TemporaryDirectory() as work:
        bash = Bash(work)
        try:
            for commands, answer in steps(page):
                name = commands.split("\n")[0][:60]
                shown, code = bash.step(commands)
                tap.ok(code == "0", f"{name}: ends with 0", f"{code}\n{shown}")
                tap.ok(pattern(answer or "").fullmatch(quiet(shown)) and "Sanitizer" not in shown, f"{name}: as the page shows it",
                       f"shown:\n{shown}\nwanted:\n{answer}")
        finally:
            code, rest = bash.end()
        tap.ok(code == 0 and "Sanitizer" not in rest, "the shell ends, and the server with it", rest)
    tap.end()
