"""Services that the eUICC clears in EF.UST and EF.IST because it does not have them (TCA 8.3.4 at ef-ust, 9.6.2.2)."""

# (file, service, why).  Contents are compared with these cleared and all others as the package has them, so that the
# list says just what the card does.  TS.48 sets 64 and 65 only; the others are in our own packages.
CLEARED = [
    ("EF.UST", 64, "VGCS security: AUTHENTICATE has no such context"),
    ("EF.UST", 65, "VBS security: AUTHENTICATE has no such context"),
    ("EF.UST", 68, "GBA: AUTHENTICATE has no such context"),
    ("EF.UST", 69, "MBMS security: AUTHENTICATE has no such context"),
    ("EF.UST", 75, "OMA BCAST Smart Card Profile: it rests on MBMS security"),
    ("EF.UST", 76, "GBA-based local keys: AUTHENTICATE has no such context"),
    ("EF.IST", 2, "GBA: AUTHENTICATE has no such context"),
    ("EF.IST", 4, "GBA-based local keys: AUTHENTICATE has no such context"),
]
used = set()


def cleared(name, content):
    """A file's content without the services of CLEARED."""
    octets = bytearray(content)
    for entry in CLEARED:
        file, service, _ = entry
        if file == name and service <= 8 * len(octets):
            at, bit = (service - 1) // 8, 1 << (service - 1) % 8
            if octets[at] & bit:
                used.add(entry)
            octets[at] &= ~bit
    return bytes(octets)
