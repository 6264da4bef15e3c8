"""The file system that a profile package describes, computed from its text and the format's templates alone (TCA
profile package 8.3, 8.5, Annex A; TS 102 222 6.3.2.2): what a card has to hold after the installation."""
import os

import notation
import tap
from notation import member

# Templates of elements: the one whose ADF or MF is their parent.
PARENT = {"mf": None, "cd": "mf", "telecom": "mf", "usim": "mf", "isim": "mf", "csim": "mf", "opt-usim": "usim",
          "opt-isim": "isim", "opt-csim": "csim", "phonebook": "usim", "gsm-access": "usim", "df-5gs": "usim",
          "df-saip": "usim", "df-snpn": "usim", "df-5gprose": "usim", "eap": "naa"}
KINDS = {0x38: "DF", 0x01: "TR", 0x02: "LF", 0x06: "CY", 0x39: "BT"}  # TS 102 221 11.1.1.4.3, without bit 7
DESCRIPTOR = {"MF": "7821", "ADF": "7821", "DF": "7821", "TR": "4121", "LF": "4221", "CY": "4621", "BT": "7921"}
UNKNOWN = object()


class Row:
    """A row of a template; what nobody has seen is UNKNOWN."""

    def __init__(self, parts):
        self.member, self.name, self.df, fid, self.type, high, size, sfi, rule, self.default, self.required = parts
        self.fid = None if fid == "tmp" else int(fid.split(".")[0], 16)
        self.last = self.fid if ".." not in fid else int(fid.split(".")[-1], 16)
        self.high = {"hi": True, "-": False}.get(high, UNKNOWN)
        self.sfi = None if sfi == "-" else int(sfi, 16)
        self.rule = int(rule) if rule.isdigit() else UNKNOWN
        records, _, length = size.rpartition("x")
        self.records = int(records) if records.isdigit() else None
        self.length = int(length) if length.isdigit() else None


def templates():
    """{"2.4": (created by default, rows in order)}, those of later versions with the rows they take over."""
    known = {}
    path = os.path.join(tap.SOURCE, "tests", "vectors", "profile-templates.tsv")
    with open(path, encoding="utf-8") as file:
        for line in file:
            parts = line.rstrip("\n").split("\t")
            if parts[0] == "template":
                rows = list(known[parts[3]][1]) if parts[3] != "-" else []
                known[parts[1]] = (parts[2] == "yes", rows)
            elif parts[0] == "row":
                row, rows = Row(parts[2:]), known[parts[1]][1]
                at = next((i for i, old in enumerate(rows) if old.member == row.member and old.df == row.df), None)
                if at is None:
                    rows.append(row)
                else:
                    rows[at] = row
    return known


class File:
    """A file that is to be there; of a link, what it has of its own until `resolve`."""

    def __init__(self, parent, fid, kind, name):
        self.parent, self.fid, self.type, self.name = parent, fid, kind, name
        self.children = []
        self.descriptor = self.aid = self.pst = self.sfi = self.arr = self.link = self.target = None
        self.details = self.limit = None
        self.lcsi, self.special, self.size, self.length, self.body = 5, 0, 0, None, b""
        if parent:
            parent.children.append(self)

    def records(self):
        return self.size // self.length

    def path(self):
        """FIDs from the MF; an application's own is temporary."""
        return (self.parent.path() if self.parent and self.parent.parent else []) + [self.fid]

    def adf(self):
        return self if self.type == "ADF" else self.parent.adf() if self.parent else None

    def label(self):
        if not self.parent:
            return "3F00"
        up = self.parent.label() + "/" if self.parent.parent else ""
        return up + ("ADF." + self.name if self.type == "ADF" else f"{self.fid:04X}")

    def all(self):
        yield self
        for child in self.children:
            yield from child.all()


class Pin:
    NUMBERS = {"pinAppl": 1, "secondPINAppl": 0x81, "adm": 10, "pukAppl": 1, "secondPUKAppl": 0x81}

    def __init__(self, items, value, tries):
        self.reference = self.number(member(items, "keyReference"))
        self.value = member(items, value)
        unblocking = member(items, "unblockingPINReference")
        self.unblocking = None if unblocking is None else self.number(unblocking)
        attributes = member(items, "pinAttributes", 7)
        self.enabled, self.may_disable, self.may_change = (bool(attributes & bit) for bit in (1, 2, 4))
        self.left = member(items, "maxNumOfAttemps-retryNumLeft", tries) & 15

    @classmethod
    def number(cls, word):
        if isinstance(word, int):
            return word
        name = word.rstrip("0123456789")
        index = int(word[len(name):])
        return 138 + index - 6 if name == "adm" and index > 5 else cls.NUMBERS[name] + index - 1


# ------------------------------------------------------------------------------------------------------- contents

def pattern(octets, length, repeat):
    """TS 102 222 6.3.2.2: a filling pattern's last octet goes on, a repeat pattern begins again."""
    whole = octets * (length // len(octets) + 1) if repeat else octets + octets[-1:] * length
    return whole[:length]


def filled(file, octets, repeat):
    """A pattern is applied to each record (9.1)."""
    if not file.length:
        return pattern(octets, file.size, repeat)
    return pattern(octets, file.length, repeat) * file.records()


def template_content(file, row):
    """The template's default in a file whose size may be another one (9.1)."""
    text, repeat = row.default, False
    if text == "?":
        return UNKNOWN
    if text == "-":
        return b"\xFF" * file.size
    if text.endswith(" rep"):
        text, repeat = text[:-4], True
    head, dots, tail = text.partition("...")
    if repeat:
        return filled(file, bytes.fromhex(head), True)
    if dots and tail == head[-2:]:
        return filled(file, bytes.fromhex(head), False)
    content = bytes.fromhex(head + tail)
    if dots:  # what is longer than its dots: content for the template's own size
        own = row.length or file.size
        head, tail = bytes.fromhex(head), bytes.fromhex(tail)
        content = head + head[-1:] * (own - len(head) - len(tail)) + tail
    unit = file.length or file.size
    content = (content + b"\xFF" * unit)[:unit]
    return content * (file.records() if file.length else 1)


# ----------------------------------------------------------------------------------------------------- the builder

class Image:
    def __init__(self, text):
        self.templates = templates()
        self.mf = self.context = None
        self.latest = {}  # the latest ADF of each kind of application
        self.pins, self.puks, self.shared = {}, {}, {}
        for element in notation.package(text):
            self.element(element)
        for file in list(self.mf.all()):
            self.resolve(file)

    def element(self, element):
        kind, items = element
        if kind in PARENT:
            self.template(kind, items)
        elif kind == "genericFileManagement":
            self.generic(items)
        elif kind == "pinCodes":
            self.pin_codes(member(items, "pinCodes"))
        elif kind == "pukCodes":
            self.puks = {p.reference: p for p in (Pin(i, "pukValue", 0xAA) for _, i in member(items, "pukCodes"))}

    def pin_codes(self, given):
        if given.name == "filePath":
            self.shared[self.context] = self.at(given.value)
        else:
            self.pins[self.context] = {p.reference: p for p in (Pin(i, "pinValue", 0x33) for _, i in given.value)}

    def pin(self, file, reference):
        """A global PIN is the MF's, a local one that of the nearest directory that has it (TS 102 221 9.4)."""
        if reference < 0x80:
            return self.pins.get(self.mf, {}).get(reference)
        df = file
        while df:
            found = self.pins.get(self.shared.get(df, df), {}).get(reference)
            if found:
                return found
            df = df.parent
        return None

    def at(self, path):
        file = self.mf
        for i in range(0, len(path), 2):
            fid = int.from_bytes(path[i:i + 2], "big")
            while file.target:
                file = file.target
            file = next(child for child in file.children if child.fid == fid)
        return file

    def template(self, kind, items):
        oid = ".".join(str(n) for n in member(items, "templateID")[4:])
        by_default, rows = self.templates[oid]
        parent = self.mf if PARENT[kind] == "mf" else self.latest.get(PARENT[kind])
        dfs, first, root = {}, None, parent
        for row in rows:
            given = member(items, row.member)
            absent = given is None and not by_default
            if absent or (kind != "mf" and any(v.name == "doNotCreate" for _, v in given or [])):
                continue
            under = dfs[row.df] if row.df != "-" else root
            for number, (fcp, fills) in enumerate(instances(given or [])):
                file = self.make(under, row, fcp, number)
                self.fill(file, fills)
                if row.type in ("MF", "ADF", "DF"):
                    first = first or file
                    if file is first and row.df == "-":
                        root = file
                    dfs[f"{file.fid:04X}"] = file
                    if row.type == "MF":
                        self.mf = file
                    if row.type == "ADF":
                        self.latest[kind] = self.latest["naa"] = file
        self.context = first or self.context

    def generic(self, items):
        first = None
        for _, commands in member(items, "fileManagementCMD"):
            df = file = self.mf
            for _, (name, value) in commands:
                if name == "filePath":
                    file = self.at(value) if self.mf else None
                    df = file if not file or file.type in ("MF", "ADF", "DF") else file.parent
                    file_at = 0
                elif name == "createFCP":
                    file = self.make(df, None, value, 0)
                    file_at = 0
                    if file.type in ("MF", "ADF", "DF"):
                        first, df = first or file, file
                        self.mf = self.mf or file
                elif name == "fillFileOffset":
                    file_at += value
                else:
                    file_at = put(file, file_at, value)
        self.context = first or self.context

    def make(self, parent, row, fcp, number):
        descriptor = member(fcp, "fileDescriptor")
        fid, link = member(fcp, "fileID"), member(fcp, "linkPath")
        kind = KINDS[descriptor[0] & 0x3F] if descriptor else row.type if row else "?"
        if kind == "DF" and not parent:
            kind = "MF"
        elif kind == "DF" and member(fcp, "dfName"):
            kind = "ADF"
        elif row and row.type != "?":
            kind = row.type
        fid = int.from_bytes(fid, "big") if fid else row.fid + number if row and row.fid else 0x3F00
        name = row.name.split(".")[-1] if row else f"{fid:04X}"
        if kind == "ADF":
            name = member(fcp, "dfName").hex().upper()
        file = File(parent, fid, kind, name)
        file.row = row
        file.aid, file.pst, file.link = member(fcp, "dfName"), member(fcp, "pinStatusTemplateDO"), link or None
        file.lcsi = member(fcp, "lcsi", b"\x05")[0]
        file.arr = self.rule(file, row, member(fcp, "securityAttributesReferenced"))
        if kind not in ("MF", "ADF", "DF"):
            self.body(file, row, fcp, descriptor)
        elif not link:
            file.descriptor = descriptor or bytes.fromhex(DESCRIPTOR[kind])
        return file

    def rule(self, file, row, given):
        """(FID of EF.ARR, record); 2F06 for the MF, ADFs and files of the MF, 6F06 for all others (8.3.2)."""
        if given and len(given) == 3:
            return int.from_bytes(given[:2], "big"), given[2]
        record = given[0] if given else row.rule if row else None
        top = file.type in ("MF", "ADF") or not file.parent.parent
        return None if record is None or record is UNKNOWN else (0x2F06 if top else 0x6F06, record)

    def body(self, file, row, fcp, descriptor):
        sfi = member(fcp, "shortEFID")
        if sfi is None:
            file.sfi = row.sfi if row else file.fid & 31 if 0 < file.fid & 31 < 31 else None
        else:
            file.sfi = sfi[0] >> 3 if sfi else None
        if file.link:
            return
        info, size = member(fcp, "proprietaryEFInfo"), member(fcp, "efFileSize")
        file.descriptor = descriptor[:2] if descriptor else bytes.fromhex(DESCRIPTOR[file.type])
        if file.type in ("LF", "CY"):
            file.length = int.from_bytes(descriptor[2:], "big") if descriptor and descriptor[2:] else row.length
        file.size = int.from_bytes(size, "big") if size is not None else (row.records or 1) * row.length
        file.special = 0x80 if row and row.high is True else UNKNOWN if row and row.high is UNKNOWN else 0
        if info is not None:
            file.special = member(info, "specialFileInformation", b"\0")[0]
        info = info or []
        fill, repeat = member(info, "fillPattern"), member(info, "repeatPattern")
        if file.type == "BT":
            limit = member(info, "maximumFileSize")
            file.details, file.body = member(info, "fileDetails", b"\x01")[0], b""
            file.limit = int.from_bytes(limit, "big") if limit else None
        elif fill or repeat:
            file.body = filled(file, fill or repeat, repeat is not None)
        else:
            file.body = template_content(file, row) if row else b"\xFF" * file.size

    @staticmethod
    def fill(file, fills):
        at = 0
        for name, value in fills:
            at = at + value if name == "fillFileOffset" else put(file, at, value)

    def resolve(self, file):
        """A link has type, size, special information and content of its target; its FID, SFI and rule are its own."""
        if file.target or not file.link:
            return file.target or file
        end = self.resolve(self.at(file.link))
        file.target = end
        for what in ("descriptor", "special", "size", "length", "body", "details", "limit"):
            setattr(file, what, getattr(end, what))
        file.type = end.type
        return end

    def access_rule(self, file):
        """The record of EF.ARR, looked for from the file's directory upward (TS 102 221 9.2.7)."""
        if not file.arr:
            return None
        fid, record = file.arr
        df = file if file.type == "MF" else file.parent
        if file.type == "DF" and not df:
            df = file
        while df:
            found = next((f for f in df.children if f.fid == fid), None)
            if found and found.length:
                return found.body[(record - 1) * found.length:record * found.length]
            df = df.parent
        return None


def put(file, at, octets):
    if file.type == "BT":
        file.body += octets
    else:
        file.body = file.body[:at] + octets + file.body[at + len(octets):]
    return at + len(octets)


def instances(items):
    """[(Fcp, [fill items])] of a member: each Fcp begins a file of its own (9.1)."""
    files = [([], [])]
    begun = False
    for _, (name, value) in items:
        if name == "fileDescriptor":
            if begun:
                files.append((value, []))
            else:
                files[0] = (value, files[0][1])
            begun = True
        elif name in ("fillFileOffset", "fillFileContent"):
            files[-1][1].append((name, value))
    return files
