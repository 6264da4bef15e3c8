#!/usr/bin/env python3
"""Holds the layout of ARCHITECTURE.md: who may include whom, and who may use
which library.  Prints TAP, one test a folder."""
import os
import re
import subprocess
import sys

SOURCE = os.environ.get("RSPKIT_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

# folder: the folders whose headers it may include, beside its own
LAYERS = {
    "lib/base": [],
    "lib/asn1": ["lib/base"],
    "lib/crypto": ["lib/base", "lib/asn1", "schema"],
    "lib/rsp": ["lib/base", "lib/asn1", "lib/crypto", "schema"],
    "lib/saip": ["lib/base", "lib/asn1", "lib/crypto", "schema"],
    "lib/net": ["lib/base"],
    "lib/store": ["lib/base"],
    "lib/server": ["lib/base", "lib/net", "lib/store", "lib/rsp", "lib/asn1", "lib/crypto", "schema"],
    "smdp": ["lib/base", "lib/asn1", "lib/crypto", "lib/rsp", "lib/saip", "lib/net", "lib/store", "lib/server", "schema"],
    "smds": ["lib/base", "lib/asn1", "lib/crypto", "lib/rsp", "lib/net", "lib/store", "lib/server", "schema"],
    "euicc": ["lib/base", "lib/asn1", "lib/crypto", "lib/rsp", "lib/saip", "schema"],
    "lpa": ["lib/base", "lib/asn1", "lib/crypto", "lib/rsp", "lib/net", "schema"],
    "operator": ["lib/base", "lib/asn1", "lib/crypto", "lib/rsp", "lib/net", "schema"],
    "tools": ["lib/base", "lib/asn1", "lib/crypto", "lib/rsp", "lib/saip", "schema"],
}
# outside library: the folders (or single files) that may include its headers
OUTSIDE = {
    r"openssl/": ["lib/crypto", "lib/net/tls.c", "lib/net/tls.h"],
    r"event2/": ["lib/net"],
    r"curl/": ["lib/net"],
    r"json-c/|json\.h": ["lib/rsp", "lib/base/json.c"],
    r"sqlite3\.h": ["lib/store"],
    r"ini\.h": ["lib/server"],
    r"PCSC/|winscard\.h|pcsclite\.h": ["lpa/pcsc.c"],
    r"qrencode\.h|png\.h": ["operator"],
}
# symbols that a folder may not need, whatever it includes
SYMBOLS = {
    "lib/base": r"^(EVP_|SSL_|sqlite3_|curl_|event_(add|del|new|free|active)$|event_base_|evtimer|evbuffer|bufferevent)",
    "lib/asn1": r"^(EVP_|SSL_|sqlite3_|curl_|event_(add|del|new|free|active)$|event_base_|evtimer|evbuffer|bufferevent|malloc|time$|fopen)",
    "lib/rsp": r"^(EVP_|SSL_|sqlite3_|curl_|event_(add|del|new|free|active)$|event_base_|evtimer|evbuffer|bufferevent|socket|connect|fopen)",
    "lib/saip": r"^(EVP_|SSL_|sqlite3_|curl_|event_(add|del|new|free|active)$|event_base_|evtimer|evbuffer|bufferevent|socket|connect|fopen)",
    "euicc": r"^(EVP_|SSL_|sqlite3_|curl_|event_(add|del|new|free|active)$|event_base_|evtimer|evbuffer|bufferevent)",
    "smdp": r"^(EVP_|SSL_|sqlite3_|curl_|event_(add|del|new|free|active)$|event_base_|evtimer|evbuffer|bufferevent)",
    "smds": r"^(EVP_|SSL_|sqlite3_|curl_|event_(add|del|new|free|active)$|event_base_|evtimer|evbuffer|bufferevent)",
    "lpa": r"^(EVP_|SSL_|sqlite3_|curl_|event_(add|del|new|free|active)$|event_base_|evtimer|evbuffer|bufferevent)",
}
# roles that grew from one foundation: what both say belongs below both
TWINS = ("smdp", "smds")
TWIN_LINES = 6
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.M)


def files(folder):
    for base, _, names in os.walk(os.path.join(SOURCE, folder)):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(base, name), SOURCE)


def owner(header):
    """The folder that an include path belongs to, or None for the system's."""
    for folder in sorted(LAYERS, key=len, reverse=True):
        for path in (header, "lib/" + header):
            if path.startswith(folder + "/"):
                return folder
    return "schema" if header.startswith("schema/") else None


def include_faults(folder):
    for path in files(folder):
        with open(os.path.join(SOURCE, path), encoding="utf-8") as text:
            for quote, header in INCLUDE.findall(text.read()):
                of = owner(header)
                if of and of != folder and of not in LAYERS[folder]:
                    yield f"{path} includes {header}: {folder} may not know {of}"
                for pattern, places in OUTSIDE.items():
                    if re.match(pattern, header) and not any(path.startswith(p) for p in places):
                        yield f"{path} includes {header}: only {', '.join(places)} may"


def symbol_faults(folder):
    build = os.environ.get("RSPKIT_BUILD")
    library = build and os.path.join(build, folder, "lib" + os.path.basename(folder) + ".a")
    if not library or folder not in SYMBOLS or not os.path.exists(library):
        return
    names = subprocess.run(["nm", "-u", library], stdout=subprocess.PIPE, text=True, check=True).stdout
    for name in sorted(set(re.findall(r"U (\w+)", names))):
        if re.match(SYMBOLS[folder], name):
            yield f"{library} needs {name}"


def passages(folder):
    """Every run of TWIN_LINES lines, blank ones and lone braces left out, with its place."""
    found = {}
    for path in files(folder):
        with open(os.path.join(SOURCE, path), encoding="utf-8") as text:
            lines = [(n, line.strip()) for n, line in enumerate(text, 1) if line.strip().strip("{};")]
        for i in range(len(lines) - TWIN_LINES + 1):
            found.setdefault(tuple(line for _, line in lines[i:i + TWIN_LINES]), f"{path}:{lines[i][0]}")
    return found


def twin_faults():
    one, other = (passages(folder) for folder in TWINS)
    for passage in one.keys() & other.keys():
        yield f"{one[passage]} and {other[passage]} have {TWIN_LINES} lines in common"


def main():
    count = bad = 0
    for folder in LAYERS:
        if not os.path.isdir(os.path.join(SOURCE, folder)):
            continue
        count += 1
        faults = list(include_faults(folder)) + list(symbol_faults(folder))
        for fault in faults:
            print("# " + fault)
        bad += bool(faults)
        print(f"{'not ' if faults else ''}ok {count} - layers: {folder}")
    count += 1
    faults = sorted(twin_faults())
    for fault in faults:
        print("# " + fault)
    bad += bool(faults)
    print(f"{'not ' if faults else ''}ok {count} - layers: nothing stands twice, in {' and in '.join(TWINS)}")
    print(f"1..{count}")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
