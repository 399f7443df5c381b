// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What this page knows of the device, kept up to date: connection, newest event,
 * health, machine, the scan at work. Views read it and listen to it.
 *
 *   connection  {state, retryAtMs}: "connecting" | "live" | "reconnecting" | "unreachable" |
 *               "deaf": this client may not listen; its views are as old as their last load
 *   event       a timeline event, each exactly once and in order
 *   progress    the scan at work, with progress
 *   scanEnded   a scan that was at work, as it ended
 *   actions, alerts, detections, quarantine   lists of these are out of date
 *   quarantineAsked               something was asked of a file in quarantine
 *   health, machine               there is a newer one
 *   resync      there was a hole in time (it is closed in the timeline; what is
 *               not an event has to be asked again)
 */
import {Emitter} from "./emitter.js";
import {EventStream} from "./event_stream.js";
import {isFinal} from "./labels.js";
import {Refresher} from "./refresher.js";
import {Turns} from "./turns.js";

const HEALTH_MS = 30000;
const PROBE_MS = 2500;
const PROBE_MAX_MS = 15000;
/** A scan at work tells of itself twice a second. */
const HUSH_MS = 5000;

export class Live extends Emitter {
	#timer = 0;
	#hushTimer = 0;
	#hadStream = false;
	#probeMs = PROBE_MS;
	#turns = {
		health: new Turns(),
		machine: new Turns(),
		scan: new Turns(),
		resync: new Turns(),
		round: new Turns(),
	};
	/** Ids of scans that ended: an answer from before says otherwise. */
	#over = new Set();
	#machineRefresh = new Refresher(() => this.#ask("machine"));
	#healthRefresh = new Refresher(() => this.#ask("health"));

	/** @param {import("./api.js").Api} api */
	constructor(api) {
		super();
		this.api = api;
		this.connection = {state: "connecting", retryAtMs: 0};
		this.newest = 0;
		this.isNewestKnown = false;
		this.machineId = "";
		this.machine = null;
		this.health = null;
		this.scan = null;
		this.isServiceDown = false;
		this.isStopped = false;
		this.stream = new EventStream(api, "/api/events", {
			onEvent: (event) => this.#onStreamEvent(event),
			onOpen: () => this.#onOpen(),
			onLost: (waitMs) => this.#move("reconnecting", Date.now() + waitMs),
			onUnauthorized: () => api.onUnauthorized(),
			onForbidden: () => this.#onForbidden(),
		});
		api.onUnreachable = () => this.#onServiceDown();
		api.onReached = () => this.#onServiceBack();
	}

	start() {
		this.stream.start();
		this.#schedule(HEALTH_MS);
	}

	/** For good: nothing is asked and nothing told any more. */
	stop() {
		this.isStopped = true;
		this.silence();
		this.api.onUnreachable = this.api.onReached = () => {};
		this.stream.stop();
		clearTimeout(this.#timer);
		clearTimeout(this.#hushTimer);
		this.#machineRefresh.stop();
		this.#healthRefresh.stop();
		Object.values(this.#turns).forEach((turns) => turns.forget());
	}

	/** Somebody looks again: do not wait for the next attempt. */
	wake() {
		if (this.isStopped)
			return;
		if (this.connection.state === "reconnecting")
			this.stream.retryNow();
		else
			this.#healthRefresh.poke();
	}

	/** @param {string} state @param {number} [retryAtMs] */
	#move(state, retryAtMs = 0) {
		this.connection = {state, retryAtMs};
		this.emit("connection", this.connection);
	}

	#onOpen() {
		this.#move(this.isServiceDown ? "unreachable" : "live");
		this.#resync();
	}

	#onForbidden() {
		this.#move("deaf");
		this.#resync();
	}

	/** Everything but events may have changed unseen. */
	async #resync() {
		this.#hadStream = true;
		const turn = this.#turns.resync.take();
		await Promise.all([this.#ask("health"), this.#ask("machine")]);
		if (!turn.claim())
			return;
		await this.#adoptScan();
		if (turn.claim())
			this.emit("resync");
	}

	#onServiceDown() {
		if (this.isServiceDown)
			return;
		this.isServiceDown = true;
		if (this.connection.state === "live")
			this.#move("unreachable");
		this.#probeMs = PROBE_MS;
		this.#schedule(PROBE_MS);
	}

	#onServiceBack() {
		if (!this.isServiceDown)
			return;
		this.isServiceDown = false;
		if (this.connection.state === "unreachable")
			this.#move("live");
		if (this.#hadStream)
			this.#resync();
	}

	/** The service behind the console is looked at even when nothing happens. */
	#schedule(ms) {
		clearTimeout(this.#timer);
		this.#turns.round.forget();
		const turn = this.#turns.round.take();
		this.#timer = setTimeout(async () => {
			if (!document.hidden && this.connection.state !== "reconnecting")
				await this.#ask("health");
			if (!turn.claim()) return; /* stopped, or there is another timer */
			this.#probeMs = Math.min(PROBE_MAX_MS, 2 * this.#probeMs);
			this.#schedule(this.isServiceDown ? this.#probeMs : HEALTH_MS);
		}, ms);
	}

	/** Fetch health or machine; a failure leaves what was. */
	async #ask(what) {
		const turn = this.#turns[what].take();
		try {
			const answer =
				what === "health"
					? await this.api.get("/health", turn.signal)
					: await this.#fetchMachine(turn.signal);
			if (!turn.claim())
				return;
			this[what] = answer;
			this.machineId ||= answer?.machineId ?? "";
			if (what === "machine")
				this.machineId = answer?.id ?? this.machineId;
			this.emit(what);
		} catch (error) {
			if (turn.claim())
				this.emit("problem", {what, error});
		}
	}

	async #fetchMachine(signal) {
		if (this.machineId)
			return this.api.get(
				`/machines/${encodeURIComponent(this.machineId)}`,
				signal
			);
		return (await this.api.get("/machines", signal)).value?.[0] ?? null;
	}

	/** @param {any} machine as a change of it was answered: no older answer is to undo it */
	setMachine(machine) {
		this.#turns.machine.forget();
		this.machine = machine;
		this.emit("machine");
		this.#machineRefresh.poke();
	}

	/** The scan at work as health has it, for what came before the stream. */
	async #adoptScan() {
		const id = this.health?.runningScan ?? this.scan?.id;
		const turn = this.#turns.scan.take();
		if (!id) {
			this.scan = null;
			return;
		}
		try {
			const scan = await this.api.get(
				`/scans/${encodeURIComponent(id)}`,
				turn.signal
			);
			if (turn.claim())
				this.#setScan(scan);
		} catch {
			if (turn.claim())
				this.scan = null; /* may not read scans; the views say so */
		}
	}

	#setScan(scan) {
		const isOver = isFinal(scan.status);
		if (isOver ? this.scan?.id !== scan.id : this.#over.has(scan.id))
			return;
		this.scan = isOver ? null : scan;
		this.emit(isOver ? "scanEnded" : "progress", scan);
	}

	#onStreamEvent({type, id, data}) {
		const body = JSON.parse(data);
		if (type === "timeline")
			this.#onTimeline(body);
		else if (type === "progress")
			this.#onProgress(body);
		else if (type === "hello")
			this.#onHello(body, id);
		else if (type === "changed")
			this.#dirty("actions", "alerts");
	}

	#onProgress(scan) {
		this.#turns.scan.forget(); /* this is newer than any answer on its way */
		this.#setScan(scan);
		this.#expectProgress();
	}

	/** The stream of a console whose service is gone says nothing, as of one that has nothing to say. */
	#expectProgress() {
		clearTimeout(this.#hushTimer);
		this.#hushTimer = setTimeout(() => {
			if (this.connection.state === "live")
				this.#healthRefresh.poke();
		}, HUSH_MS);
	}

	#onHello(body, id) {
		this.machineId ||= body.machineId ?? "";
		/* A lower one than before: the log was begun anew. */
		this.newest = body.sequence ?? Number(id);
		this.isNewestKnown = true;
		this.emit("newest");
	}

	#onTimeline(event) {
		if (event.sequence <= this.newest) return; /* sent again after a reconnect */
		this.newest = event.sequence;
		this.emit("event", event);
		const type = event.actionType;
		if (type === "MachineTagsChanged")
			this.#machineRefresh.poke();
		else if (/^Antivirus(Scan|Detection)|^Alert/.test(type))
			this.#onWorkEvent(type, event);
		else if (/^(AntivirusMalwareAction|Quarantine|Remediation)/.test(type))
			this.#dirty("detections", "quarantine");
		else if (!/^(Mount|Directory|File|Worker|ScanTarget)/.test(type))
			this.#healthRefresh.poke();
	}

	#onWorkEvent(type, event) {
		if (type === "AntivirusDetection")
			this.#dirty("detections", "alerts");
		else if (type.startsWith("Alert"))
			this.#dirty("alerts");
		else
			this.#dirty("actions");
		if (/^AntivirusScan(Completed|Cancelled|Failed|TimedOut)$/.test(type))
			this.#onScanOver(event);
		else if (/^AntivirusScan(Started|Interrupted|Paused|Resumed)$/.test(type)) {
			this.#healthRefresh.poke();
			this.#expectProgress();
		}
	}

	async #onScanOver(event) {
		const id = event.scanId;
		this.#over.add(id);
		this.#healthRefresh.poke();
		if (this.scan?.id === id)
			this.scan = null;
		try {
			this.emit(
				"scanEnded",
				await this.api.get(`/scans/${encodeURIComponent(id)}`)
			);
		} catch {
			this.emit("scanEnded", {id, actionId: event.actionId});
		}
	}

	#dirty(...lists) {
		for (const list of lists) this.emit(list);
	}
}
