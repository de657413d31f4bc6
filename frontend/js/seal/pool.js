// At most two workers. The first also keeps the bid's identity; parts of documents go to whichever has less to do.
import { Problem } from "./problem.js";

const MOST = 2; // workers: more would only wait for the line, and each part in work takes 16 MiB
const AT_ONCE = 2; // parts of a worker: one is sealed while the other is sent

export class Pool {
  constructor(address) {
    const size = Math.min(MOST, navigator.hardwareConcurrency || 1);
    this.workers = Array.from({ length: size }, () => this.#started(address));
    this.jobs = new Map(); // id -> { worker, resolve, reject, progress }
    this.last = 0;
    this.room = size * AT_ONCE; // parts of documents at one time
  }

  // A job for the worker that keeps the identity.
  keeper(what, args = {}) {
    return this.#run(this.workers[0], what, args, {});
  }

  // A job for any of them. `signal` stops it, `progress` is told how it goes.
  any(what, args, how = {}) {
    const busy = (worker) => [...this.jobs.values()].filter((job) => job.worker === worker).length;
    const free = this.workers.reduce((best, worker) => (busy(worker) < busy(best) ? worker : best));
    return this.#run(free, what, args, how);
  }

  end() {
    for (const worker of this.workers) worker.terminate();
  }

  #run(worker, what, args, { signal, progress = () => {} }) {
    const id = ++this.last;
    const stop = () => worker.postMessage({ stop: id });
    signal?.addEventListener("abort", stop);
    const asked = new Promise((resolve, reject) => {
      this.jobs.set(id, { worker, resolve, reject, progress });
      worker.postMessage({ id, what, ...args });
    });
    return asked.finally(() => signal?.removeEventListener("abort", stop));
  }

  #started(address) {
    const worker = new Worker(address, { type: "module" });
    worker.onmessage = ({ data }) => this.#heard(data);
    worker.onerror = () => this.#broke(worker);
    return worker;
  }

  #heard({ id, done, failed, progress }) {
    const job = this.jobs.get(id);
    if (progress) return job?.progress(progress);
    this.jobs.delete(id);
    if (failed) job?.reject(new Problem(failed.code, failed));
    else job?.resolve(done);
  }

  // The script did not load, or the browser ended the worker: nothing that waits for it will be answered.
  #broke(worker) {
    for (const [id, job] of this.jobs) {
      if (job.worker !== worker) continue;
      this.jobs.delete(id);
      job.reject(new Problem("worker-lost"));
    }
  }
}
