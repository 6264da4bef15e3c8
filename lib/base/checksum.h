/* CRC-32 (ISO 3309, polynomial EDB88320 reflected): finds damage, not intent. */
#ifndef RSPKIT_BASE_CHECKSUM_H
#define RSPKIT_BASE_CHECKSUM_H

#include "base/bytes.h"

/* The checksum of what `crc` covers (0: nothing yet) followed by `more`. */
uint32_t crc32_add(uint32_t crc, struct bytes more);

#endif
