/* Inside nvm: records and logs as octets. */
#ifndef RSPKIT_EUICC_NVM_RECORDS_H
#define RSPKIT_EUICC_NVM_RECORDS_H

#include "euicc/nvm.h"

/* Applies the whole batches of a log; `log` gets its mark, its end and that of the first batch. */
int nvm_log_read(struct bytes all, struct nvm_log *, nvm_apply *, void *context, struct err *);

#endif
