"""A card with a package in it, asked by APDUs (TS 102 221), and what it holds compared with what it has to hold."""
import os
import subprocess

import tap
from filesystem import UNKNOWN

SERVER = os.path.join(tap.BUILD, "tests", "card_with_package")
READ, UPDATE, DEACTIVATE, ACTIVATE = 0x01, 0x02, 0x08, 0x10  # access modes of EFs (9.3.2)
INVALIDATED = (0x6984, 0x6985)  # a deactivated file (TS 102 221 10.2.1.5); the clause leaves open which
OK, REFUSED, NOT_KNOWN = 0x9000, 0x6982, 0x6D00


class Card:
    def __init__(self, iccid, upp):
        self.process = subprocess.Popen([SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = [self.line(f"install {iccid.hex()} {upp.hex()}")]
        while said[-1].startswith("#"):  # a check that failed on the way
            said.append(self.process.stdout.readline().rstrip("\n"))
        self.said = "\n".join(said)

    def line(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")

    def close(self):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.wait(20)

    def fresh(self):
        self.line("fresh")

    def reset(self):
        self.line("reset")

    def ask(self, command):
        """(data, status word)"""
        answer = self.line(command if isinstance(command, str) else command.hex())
        return bytes.fromhex(answer[:-4]), int(answer[-4:], 16)

    def command(self, ins, p1, p2, data=b"", le=None, cla=0):
        lc = bytes([len(data)]) + data if data else b""
        return self.ask(bytes([cla, ins, p1, p2]) + lc + (b"" if le is None else bytes([le])))

    # ------------------------------------------------------------------------------------------------- selection

    def application(self, file):
        """The file's application, or the MF, is selected: what its path begins with."""
        adf = file.adf()
        sw = self.command(0xA4, 0x04, 0x0C, adf.aid)[1] if adf else self.command(0xA4, 0, 0x0C, b"\x3F\x00")[1]
        if sw != OK:
            raise LookupError(f"the application of {file.label()} cannot be selected: {sw:04X}")
        return adf

    def by_path(self, file):
        """(FCP, status word)"""
        adf = self.application(file)
        if file is adf:
            return self.command(0xA4, 0x04, 0x04, adf.aid, 0)
        if not file.parent:
            return self.command(0xA4, 0, 0x04, b"\x3F\x00", 0)
        fids = [0x7FFF] + file.path()[1:] if adf else file.path()
        return self.command(0xA4, 0x08, 0x04, b"".join(f.to_bytes(2, "big") for f in fids), 0)

    def by_fid(self, file):
        adf = self.application(file)
        if file is adf or not file.parent:
            return self.by_path(file)
        for fid in file.path()[1 if adf else 0:]:
            answer = self.command(0xA4, 0x00, 0x04, fid.to_bytes(2, "big"), 0)
            if answer[1] != OK:
                break
        return answer

    # ---------------------------------------------------------------------------------------------- PINs and rules

    def verify(self, image, file, reference):
        """With the file selected; True if its rule's PIN is verified now, or disabled."""
        pin = image.pin(file, reference)
        if not pin:
            return False
        return not pin.enabled or self.command(0x20, 0, reference, pin.value)[1] == OK

    def satisfy(self, image, file, mode):
        """Verifies what the access rule wants of this file; False if nothing can allow it."""
        condition = allowed_by(image.access_rule(file), mode)
        return condition is not None and any(all(self.verify(image, file, k) for k in keys) for keys in condition)

    # ------------------------------------------------------------------------------------------------------ contents

    def read(self, file):
        """(content, status word) of the selected file"""
        if file.type == "BT":
            return self.read_objects()
        content = b""
        if file.type in ("LF", "CY"):
            for number in range(1, file.records() + 1):
                data, sw = self.command(0xB2, number, 0x04, le=file.length & 0xFF)
                if sw != OK:
                    return content, sw
                content += data
            return content, OK
        while len(content) < file.size:
            data, sw = self.command(0xB0, len(content) >> 8, len(content) & 0xFF, le=min(255, file.size - len(content)))
            if sw != OK:
                return content, sw
            content += data
        return content, OK

    def read_objects(self):
        """The tags in the file, then each object (11.3.1: RETRIEVE DATA of tag 5C, then of each)."""
        tags, sw = self.command(0xCB, 0x00, 0x80, b"\x5C", 0, cla=0x80)
        if sw != OK:
            return b"", sw
        content = b""
        for tag in tag_list(tags):
            data, sw = self.command(0xCB, 0x00, 0x80, tag, 0, cla=0x80)
            if sw not in (OK, 0x62F1):
                return content, sw
            while sw == 0x62F1:  # more of it (11.3.1.2)
                more, sw = self.command(0xCB, 0x00, 0x00, le=0, cla=0x80)
                data += more
            content += data
        return content, OK


def tag_list(data):
    """The tags behind 5C."""
    body, tags = (tlvs(data) or [(0, b"")])[0][1], []
    while body:
        n = 1
        if body[0] & 0x1F == 0x1F:
            while body[n] & 0x80:
                n += 1
            n += 1
        tags.append(body[:n])
        body = body[n:]
    return tags


def tlvs(data):
    """[(tag, value)] of BER-TLVs with tags of one octet, as in an FCP and an access rule."""
    found, at = [], 0
    while at + 2 <= len(data) and data[at] not in (0x00, 0xFF):
        length, head = data[at + 1], 2
        if length & 0x80:
            head += length & 0x7F
            length = int.from_bytes(data[at + 2:at + head], "big")
        found.append((data[at], data[at + head:at + head + length]))
        at += head + length
    return found


def allowed_by(rule, mode):
    """What an access rule (9.2.4, ISO/IEC 7816-4 expanded format) wants for a mode: a list of sets of key
    references, one of which is to be verified; [set()] is always, None never."""
    wanted, applies = None, False
    for tag, value in tlvs(rule or b""):
        if tag & 0xF0 == 0x80:
            applies = tag == 0x80 and bool(value[0] & mode)
        elif applies:
            wanted = condition(tag, value)
            break
    return wanted


def condition(tag, value):
    """Likewise, of a security condition."""
    if tag == 0x90:
        return [frozenset()]
    if tag == 0x97:
        return None
    if tag == 0xA4:
        return [frozenset([next(v for t, v in tlvs(value) if t == 0x83)[0]])]
    parts = [condition(t, v) for t, v in tlvs(value)]
    if tag == 0xA0:
        return [keys for part in parts if part for keys in part] or None
    if None in parts:
        return None
    every = [frozenset()]
    for part in parts:
        every = [a | b for a in every for b in part]
    return every


# -------------------------------------------------------------------------------------------------------- comparison

def fcp_differs(image, file, fcp):
    """What in the FCP (11.1.1.3, 11.1.1.4) is not as the file has to be."""
    outer = tlvs(fcp)
    if len(outer) != 1 or outer[0][0] != 0x62:
        return [f"no FCP template: {fcp.hex()}"]
    told = dict(outer[0][1] and tlvs(outer[0][1]))
    own = dict(tlvs(told.get(0xA5, b"")))
    rows = [("descriptor", told.get(0x82), descriptor(file)), ("LCSI", told.get(0x8A), bytes([file.lcsi]))]
    if file.type != "ADF":
        rows.append(("FID", told.get(0x83), file.fid.to_bytes(2, "big")))
    if file.arr:
        rows.append(("access rule", told.get(0x8B), file.arr[0].to_bytes(2, "big") + bytes([file.arr[1]])))
    if file.type in ("MF", "ADF", "DF"):
        rows.append(("AID", told.get(0x84), file.aid))
        rows.append(("PIN status", told.get(0xC6), pin_status(image, file)))
    else:
        sfi = told.get(0x88)
        rows.append(("SFI", file.fid & 31 if sfi is None else sfi[0] >> 3 if sfi else None, file.sfi))
        rows.append(("special information", own.get(0xC0, b"\0"), file.special if file.special is UNKNOWN else
                     bytes([file.special])))
    if file.type == "BT":
        rows += [("reserved size", number(own.get(0x85)), file.size), ("file details", own.get(0x84),
                 bytes([file.details])), ("maximum size", number(own.get(0x86)), file.limit)]
    elif file.type in ("TR", "LF", "CY"):
        rows.append(("size", number(told.get(0x80)), file.size))
    wrong = [row for row in rows if row[2] is not UNKNOWN and row[1] != row[2]]
    return [f"{what}: {shown(got)}, not {shown(want)}" for what, got, want in wrong]


def number(octets):
    return None if octets is None else int.from_bytes(octets, "big")


def shown(value):
    return value.hex().upper() if isinstance(value, bytes) else "none" if value is None else str(value)


def descriptor(file):
    if file.type in ("LF", "CY"):
        return file.descriptor[:2] + file.length.to_bytes(2, "big") + bytes([file.records()])
    return file.descriptor[:2]


def pin_status(image, file):
    """PS_DO, then the key references in the template's order (9.5.2, 11.1.1.4.10); usage qualifiers are for universal
    PINs."""
    if not file.pst:
        return None
    pins = [image.pin(file, reference) for reference in file.pst]
    bits = "".join("1" if pin and pin.enabled else "0" for pin in pins)
    states = bytes(int(bits[i:i + 8].ljust(8, "0"), 2) for i in range(0, len(bits), 8))
    return b"\x90" + bytes([len(states)]) + states + b"".join(bytes([0x83, 1, reference]) for reference in file.pst)


def content_differs(card, image, file, want):
    """Reads it as its access rule lets us."""
    readable = card.satisfy(image, file, READ)
    got, sw = card.read(file)
    if not readable:
        return [] if sw == REFUSED else [f"nobody may read it, yet: {sw:04X}"]
    if not file.lcsi & 1 and file.special is not UNKNOWN and not file.special & 0x40:
        return [] if sw in INVALIDATED else [f"deactivated, yet: {sw:04X}"]
    if sw != OK:
        return [f"read: {sw:04X}"]
    if want is UNKNOWN or got == want:
        return []
    at = next((i for i, pair in enumerate(zip(got, want)) if pair[0] != pair[1]), min(len(got), len(want)))
    return [f"{len(got)} octets, from {at} on {got[at:at + 20].hex()}, not {len(want)} and {want[at:at + 20].hex()}"]
