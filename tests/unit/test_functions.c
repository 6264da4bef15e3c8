/* SPDX-License-Identifier: Apache-2.0 */
#include "cardlab.h"
TEST(x){CHECK(true);}
