// A small engine for the generated strategies, enough of the W3C's draft to drive them: states in states, onentry,
// transitions with and without events, the queue of `send`, and `session:fetch`, which really asks.
// Reads a job as JSON on standard input, writes what happened as JSON.
'use strict';
const http = require('http');
const vm = require('vm');

const job = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const world = vm.createContext({ _data: {}, _event: undefined, _sessionid: 's1', _genesys: job.genesys || {} });
const run = (text) => vm.runInContext(text, world);
const trace = { entered: [], requests: [], logs: [], final: null };
const queue = [];
const states = {};
let current = null;

(function index(list, parent) {
  for (const state of list) {
    states[state.id] = Object.assign(state, { parent });
    index(state.states, state);
  }
})(job.chart.states, null);

const lineage = (state) => (state ? [state, ...lineage(state.parent)] : []);

function raise(name, data) {
  queue.push({ name, data });
}

async function fetch(action) {
  const attributes = action.attributes;
  run(`${attributes.requestid} = 'request-1'`);
  const address = run(attributes.srcexpr);
  const headers = JSON.parse(run(`JSON.stringify(${attributes.headers})`));
  const method = run(attributes.method).toUpperCase();
  trace.requests.push({ address, method, headers, timeout: run(attributes.timeout), type: run(attributes.type) });
  if (job.fetch === 'silent') return;
  const requestid = job.requestid || 'request-1';
  if (job.fetch) return raise(job.fetch.name, Object.assign({ requestid }, job.fetch.data));
  await new Promise((done) => {
    const asked = http.request(address, { method, headers }, (answer) => {
      let content = '';
      answer.setEncoding('utf8').on('data', (part) => (content += part));
      answer.on('end', () => {
        if (answer.statusCode === 200) raise('session.fetch.done', { requestid, content });
        else raise('error.session.fetch', { requestid, error: `protocol.${answer.statusCode}`, description: content });
        done();
      });
    });
    asked.on('error', (fault) => {
      raise('error.session.fetch', { requestid, error: String(fault) });
      done();
    });
    asked.end();
  });
}

async function act(actions) {
  for (const action of actions) {
    try {
      if (action.tag === 'script') run(action.text);
      else if (action.tag === 'log') trace.logs.push(String(run(action.attributes.expr)));
      else if (action.tag === 'send') raise(run(action.attributes.event), {});
      else if (action.tag === 'if') { if (run(action.attributes.cond)) await act(action.actions); }
      else if (action.tag === 'fetch') await fetch(action);
      else throw new Error(`unknown action ${action.tag}`);
    } catch (fault) {
      trace.logs.push(`fault: ${fault}`);
      raise('error.script', { description: String(fault) });
    }
  }
}

async function enter(id, from) {
  const around = new Set(lineage(from));
  for (const state of lineage(states[id]).reverse().filter((one) => !around.has(one))) await enterOne(state);
  while (current.initial) await enterOne(states[current.initial]);
}

async function enterOne(state) {
  trace.entered.push(state.id);
  current = state;
  for (const [name, expression] of state.data) run(`_data[${JSON.stringify(name)}] = (${expression || 'undefined'})`);
  if (state.data.length) for (const name in job.params || {}) run(`_data[${JSON.stringify(name)}] = ${JSON.stringify(job.params[name])}`);
  await act(state.onentry);
}

function chosen(event) {
  for (const state of lineage(current))
    for (const one of state.transitions) {
      const fits = event ? one.event && `${event.name}.`.startsWith(`${one.event}.`) : !one.event;
      if (fits && (!one.cond || run(one.cond))) return [state, one];
    }
  return [null, null];
}

(async () => {
  for (const text of job.chart.scripts) run(text);
  await enter(job.chart.initial, null);
  for (const event of job.events || []) queue.push(event);
  for (let turns = 0; turns < 100 && !current.final; turns += 1) {
    world._event = undefined;
    let [state, transition] = chosen(null);
    if (!transition) {
      if (!queue.length) break;
      world._event = queue.shift();
      [state, transition] = chosen(world._event);
    }
    if (!transition) continue;
    await act(transition.actions);
    await enter(transition.target, state);
  }
  trace.final = current.final ? current.id : null;
  trace.decision = run("typeof decision == 'undefined' ? null : decision");
  trace.variables = JSON.parse(run(`JSON.stringify(_data)`));
  process.stdout.write(JSON.stringify(trace));
})();
