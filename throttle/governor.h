/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The governor: a thread of the daemon that keeps the CPU time of all our
 * processes at the load factor. It reads their CPU clocks as often as
 * that is of use (every 5 to 200 ms), lets the budget (budget.h) decide, and writes the grants
 * (grant.h). It sleeps without a timer outside governor_begin()/_end() while nobody
 * is in GRANT_SLOT_REMEDIATE.
 *
 * Hands. Any thread may call any function; each holds the governor's lock for
 * some microseconds. Law and figures: docs/governor.md.
 *
 * The life of a scan:
 *
 *   governor_begin → governor_add(scanner), governor_add(zygote)  right after
 *   each was spawned, governor_add(worker) when the zygote tells of it →
 *   governor_remove(each) when it was reaped → governor_end
 *
 * What a process uses before it is added is charged when it is added. A process
 * may stay over several scans (a zygote that is kept): it then waits between
 * them as soon as it has used what it was granted.
 *
 * quietscan-remediate works beside that (aside.h): governor_add() and
 * governor_remove() at any time. It is in the scan's account while that grants,
 * else in an account of its own, at the factor of governor_set_aside().
 */
#ifndef QS_GOVERNOR_H
#define QS_GOVERNOR_H

#include "err.h"
#include "grant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	GOVERNOR_E_STALE = 1, /**< The slot has another generation, or nobody. */
};

struct governor;
struct load_history;
struct placement_machine;

/** Zero-initialise; 0 takes the default. */
struct governor_config {
	double n_cpus;        /**< CPUs the service may use (topology_n_cpus()), > 0. */
	uint64_t look_min_ns; /**< Least distance of two looks; default 5 ms, 1 ms to 100 ms. */
	uint64_t
		overrun_ns; /**< A worker's CPU time beyond its grant that is an offence; default 250 ms. */
	double n_online;                         /**< CPUs of the machine; default n_cpus. */
	const struct placement_machine *machine; /**< Borrowed; NULL: nobody is bound to CPUs. */
};

/** What is done for others, and against them. Zero-initialised: nothing. */
struct governor_courtesy {
	bool is_placing;         /**< Run on as few cores as the aim takes. */
	bool is_backing_off;     /**< Use less of the budget while the machine suffers. */
	bool is_urging;          /**< More priority when less than the minimum is to be had. */
	bool is_low_priority;    /**< Our processes were lowered (priority_lower()). */
	bool is_counting_others; /**< governor_note_others() counts against the factor. */
	unsigned
		minimum_pct; /**< Of the budget, 1 to 100; with all but is_placing and is_low_priority. */
};

/** How a scan's load stands. Loads are per cent of n_cpus. */
struct governor_reading {
	unsigned factor_pct;      /**< Asked for, 0 = no limit. */
	unsigned n_lanes;         /**< As told. */
	bool is_paused;           /**< Now. */
	double n_cpus;            /**< What 100 % is. */
	double aim_pct;           /**< min(factor, lanes / n_cpus). */
	double mean_pct;          /**< Achieved since begin, pauses left out. */
	double window_pct;        /**< The last full second, 0 before it. */
	double window_p95_pct;    /**< 95 of 100 one-second windows were at most this. */
	double window_p99_pct;    /**< 99 of 100. */
	double window_max_pct;    /**< The fullest second. */
	uint64_t n_windows;       /**< Windows these figures stand on, at most 20 a second. */
	uint64_t active_ns;       /**< Wall time since begin without pauses. */
	uint64_t paused_ns;       /**< Wall time of the pauses. */
	uint64_t cpu_ns;          /**< CPU time of all since begin. */
	uint64_t governor_ns;     /**< Of it: what the governor's own thread took. */
	uint64_t lanes_cpu_ns;    /**< Of it: what workers took, summed over lanes. */
	uint64_t lanes_waited_ns; /**< Workers had used up their grant, summed over lanes. */
	uint64_t lanes_queued_ns; /**< Workers stood in a run queue, summed over lanes. */
	double share_pct;         /**< Part of the budget in use; 100 unless others come first. */
	uint64_t backed_off_ns;   /**< Wall time that back-off took: Σ (1 − share) × time. */
	unsigned n_place_cpus;    /**< CPUs that our processes may run on; 0 = not bound. */
	int nice;                 /**< What the minimum needs; 19 or 0 unless we are starved. */
	uint64_t n_looks;         /**< Times the clocks were read. */
	uint64_t read_rate_bytes;
	uint64_t read_bytes;   /**< Fetched since begin (or since there is a limit). */
	uint64_t read_held_ns; /**< Wall time of active_ns in which reads were in debt. */
	bool is_read_held;     /**< Now: nobody is granted anything. */
	int read_error; /**< Why reads cannot be limited as they should, -errno; 0 = they are. */
};

/** A process that ran on without a grant. */
struct governor_offence {
	size_t slot;
	uint32_t generation;
	pid_t pid;
	uint64_t excess_ns; /**< CPU time beyond its grant when it was noticed. */
};

/**
 * Make the page and the thread.
 *
 * @config  Copied.
 * @govp    Set when 0 is returned; governor_free() it.
 * @msg     Why not, for people; may be NULL.
 * @return  0; -EINVAL for a config out of range; other -errno.
 */
int governor_new(const struct governor_config *config, struct governor **govp, struct errmsg *msg);

/** End the thread and free everything; takes NULL. Processes that wait go on waiting. */
void governor_free(struct governor *gov);

/** The grant page's memfd, CLOEXEC, for the children to inherit. Borrowed, lives as long. */
int governor_page_fd(const struct governor *gov);

/**
 * Open the account of a scan; the thread wakes. What the daemon and processes
 * that stayed have used so far is not charged.
 *
 * @factor_pct  0 (no limit) or 1 to 100.
 * @n_lanes     1 to GRANT_N_LANES; only for the aim that is told.
 * @return      0; -EINVAL when out of range; -EALREADY when one is open.
 */
int governor_begin(struct governor *gov, unsigned factor_pct, unsigned n_lanes);

/**
 * Close the account; nobody is granted anything any more.
 *
 * @reading  Set to the final reading, all 0 if none was open; may be NULL.
 */
void governor_end(struct governor *gov, struct governor_reading *reading);

/**
 * A process from now on in this slot. It gets its first grant at once, if the
 * budget has one. A process that the slot had before is dropped with what was
 * last read of it.
 *
 * @slot        GRANT_SLOT_SCANNER, GRANT_SLOT_REMEDIATE, GRANT_SLOT_ZYGOTE or
 *              GRANT_SLOT_LANE0 + lane.
 * @generation  Not 0; what the process was told, so that it knows its grant.
 * @pid         Its process id.
 * @return      0, also when it has ended already; -EINVAL when out of range.
 */
int governor_add(struct governor *gov, size_t slot, uint32_t generation, pid_t pid);

/**
 * The process was reaped.
 *
 * @final_cpu_ns  Its whole CPU time (wait4), so that its last moments count; 0
 *                when unknown. Less than was read counts as the last reading;
 *                more than could have been used since then is cut to that, so
 *                that a liar cannot put the account in debt.
 * @return        0; GOVERNOR_E_STALE: nothing was done.
 */
int governor_remove(struct governor *gov, size_t slot, uint32_t generation, uint64_t final_cpu_ns);

/**
 * Change the factor of the open account; in force at once.
 *
 * @return  0; -EINVAL when above 100.
 */
int governor_set_factor(struct governor *gov, unsigned factor_pct);

/**
 * The factor at which the process in GRANT_SLOT_REMEDIATE is kept while no scan's
 * account grants: kept over scans, in force at once. No limit before the first call.
 *
 * @return  0; -EINVAL when above 100.
 */
int governor_set_aside(struct governor *gov, unsigned factor_pct);

/** Change the number of lanes that the aim is told by; -EINVAL when out of range. */
int governor_set_lanes(struct governor *gov, unsigned n_lanes);

/**
 * What is done for others from now on; kept over scans.
 *
 * @courtesy  Copied.
 * @return    0; -EINVAL for a minimum out of range.
 */
int governor_set_courtesy(struct governor *gov, const struct governor_courtesy *courtesy);

/**
 * Limit what our processes fetch from block devices; kept over scans, in force
 * at once. What they fetch beyond it they wait for: nothing is granted meanwhile
 * (docs/governor.md, "Disk").
 *
 * @rate_bytes  Bytes a second; 0 = no limit, as it is before the first call.
 */
void governor_set_read_rate(struct governor *gov, uint64_t rate_bytes);

/**
 * What others took because of us (or beside us), to be told about each second while
 * an account is open. With is_counting_others it is in force within a second; else,
 * without an account, in a pause or without a limit, nothing happens. The first
 * call after governor_begin() or governor_resume() only says from when on it is.
 *
 * @cpu_ns  CPU time since the last call.
 */
void governor_note_others(struct governor *gov, uint64_t cpu_ns);

/** Grant nothing until governor_resume(). The time does not count in the mean. */
void governor_pause(struct governor *gov);

/** Go on. Credit and debt are as they were. */
void governor_resume(struct governor *gov);

/** How things stand; all 0 but n_cpus and read_error while no account is open. */
void governor_read(struct governor *gov, struct governor_reading *reading);

/**
 * The same of the account that quietscan-remediate has of its own; all 0 but n_cpus
 * and read_error while it is not in it.
 */
void governor_read_aside(struct governor *gov, struct governor_reading *reading);

/**
 * The account's load over time (load_history.h), with all its waits but the
 * disk's, which only the scanner knows; empty while no account is open.
 */
void governor_history(struct governor *gov, struct load_history *history);

/**
 * Take the offences noticed since the last call; each process is told once.
 * The caller ends them. The scanner waits only at safe points and the zygote
 * forks and loads, so they have twenty times the bound, as has quietscan-remediate,
 * whose offence is told only of a scan's account.
 *
 * @offences   Receives at most n_max.
 * @return     Number of offences written.
 */
size_t governor_take_offences(
	struct governor *gov, struct governor_offence offences[], size_t n_max);

#endif
