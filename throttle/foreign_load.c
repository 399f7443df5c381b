/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much others take depends on us in a way that is not known: one that looks
 * into what we open takes so much for each CPU-second of ours; one that scans on
 * its own takes what it takes. The law needs no model of it: by as much as both
 * together were above the budget, less is asked for next,
 *
 *     share = share asked for × budget / (ours + theirs)
 *
 * which is exact at once in the first case and closes in on the answer in the
 * second. (To take theirs off the budget would swing to and fro, as soon as they
 * take more than we do.) All three are averages over the same time, so what is
 * compared belongs together; a scan that waits for something else is below what
 * was asked for and is not held back.
 *
 * Bounded change, as in pressure.c.
 */
#include "foreign_load.h"

#include "check.h"

#include <math.h>
#include <string.h>

/** Averages are over about this long. */
#define FOREIGN_LOAD_AVERAGE_S 3.0

/** Others that take less than this of the budget are none. */
#define FOREIGN_LOAD_NOTHING 0.005

/** The share changes by no more in a second. */
#define FOREIGN_LOAD_DOWN_PER_S 0.30
#define FOREIGN_LOAD_UP_PER_S 0.10

/** A look that comes late says no more than one after this. */
#define FOREIGN_LOAD_ELAPSED_MAX_S 2.0

void foreign_load_init(struct foreign_load *f)
{
	memset(f, 0, sizeof(*f));
	f->share = 1.0;
}

static void foreign_load_average(
	struct foreign_load *f, const struct foreign_load_input *in, double elapsed_s)
{
	double weight = f->has_looked ? elapsed_s / (elapsed_s + FOREIGN_LOAD_AVERAGE_S) : 1.0;

	f->asked += weight * (in->share - f->asked);
	f->ours += weight * (in->ours - f->ours);
	f->others += weight * (in->others - f->others);
	f->has_looked = true;
}

void foreign_load_step(struct foreign_load *f, const struct foreign_load_input *in)
{
	double elapsed_s = fmin(in->elapsed_s, FOREIGN_LOAD_ELAPSED_MAX_S);
	double wish = 1.0;

	PRE(in->elapsed_s >= 0 && in->budget > 0 && in->share > 0 && in->share <= 1);
	PRE(in->ours >= 0 && in->others >= 0 && in->minimum_share > 0 && in->minimum_share <= 1);
	foreign_load_average(f, in, elapsed_s);
	if (f->others >= FOREIGN_LOAD_NOTHING * in->budget)
		wish = f->asked * in->budget / (f->ours + f->others);
	f->share = fmax(f->share - FOREIGN_LOAD_DOWN_PER_S * elapsed_s,
		fmin(f->share + FOREIGN_LOAD_UP_PER_S * elapsed_s, wish));
	f->share = fmin(fmax(f->share, in->minimum_share), 1.0);
}
