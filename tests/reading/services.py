"""Services that the eUICC clears in EF.UST and EF.IST because it does not have them (TCA 8.3.4 at ef-ust, 9.6.2.2)."""

# (file, service, why).  Contents are compared with these cleared and all others as the package has them, so that the
# list says just what the card does; an entry that no package has is a failure too.
CLEARED = []
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
