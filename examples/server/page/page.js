// page.js - what the pages do beyond links and forms: send to REST and stay on the page, upload with
// progress, archive and follow it, and look for what changes. Pages work without it.
'use strict';

const csrf = document.querySelector('meta[name=csrf]').content;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Tells what happened to who does not see it happen. */
function say(text) {
  document.getElementById('status').textContent = text;
}

/** What went wrong, as one sentence and, behind it, what the server says. */
function failure(status, text) {
  const sentences = {
    0: 'The server does not answer.',
    401: 'Name or password is wrong, or the session has ended.',
    403: 'You may not do this.',
    404: 'It is not here any more.',
    409: 'The archive has something in its place.',
    413: 'This is larger than the server takes.',
    423: 'Somebody else is working on it; try again in a moment.',
    501: 'This server does not do that.',
    507: 'The disk is full.',
  };
  const said = text.trim().split('\n')[0];
  return [sentences[status] || 'This did not work.', said].filter(Boolean).join(' ');
}

/** Sends to REST; throws an Error whose message is for people. */
async function ask(method, url, body) {
  let response;
  try {
    response = await fetch(url, {
      method,
      body,
      headers: { 'X-CSRF-Token': csrf, 'X-Requested-With': 'XMLHttpRequest' },
      redirect: 'manual',
    });
  } catch {
    throw new Error(failure(0, ''));
  }
  if (response.status >= 400) throw new Error(failure(response.status, await response.text()));
  return response;
}

/** Shows `text` where a form tells its outcome. */
function tell(form, text, kind = 'error') {
  const outcome = form.querySelector('.outcome');
  outcome.className = text ? `outcome notice ${kind}` : 'outcome';
  outcome.textContent = text;
}

/** The page of a session that REST names by `uri`. */
function pageOf(uri) {
  const waiting = uri.match(/\/prearchive\/projects\/(.+)$/);
  if (waiting) return `/page/session/${waiting[1]}`;
  const archived = uri.match(/\/projects\/([^/]+)\/subjects\/[^/]+\/experiments\/([^/]+)$/);
  return archived ? `/page/archive/${archived[1]}/${archived[2]}` : null;
}

function make(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

function linkTo(target, text) {
  return make('a', { href: target, textContent: text });
}

function sizeText(bytes) {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit ? value.toPrecision(3) : value} ${units[unit]}`;
}

// Forms.

async function sendForm(form) {
  const button = form.querySelector('button');
  button.disabled = true;
  tell(form, '');
  try {
    const body = new URLSearchParams(new FormData(form));
    await ask(form.dataset.rest, form.action, body.size === 0 ? undefined : body);
    location.assign(form.dataset.then);
  } catch (error) {
    tell(form, error.message);
    button.disabled = false;
    button.focus();
  }
}

async function verify(form) {
  const button = form.querySelector('button');
  button.disabled = true;
  tell(form, 'Reading …', 'info');
  try {
    const report = await (await ask('POST', form.action, new URLSearchParams(new FormData(form)))).json();
    const read = `${report.filesRead} of ${report.files} files read, ${sizeText(report.bytesRead)}: `;
    if (report.busy.length > 0) {
      tell(form, 'Somebody else is working on the session; try again in a moment.', 'warn');
    } else if (report.problems.length === 0) {
      tell(form, `${read}all are as their checksums say.`, 'good');
    } else {
      const first = report.problems.slice(0, 5).map((p) => `${p.path}: ${p.message}`);
      tell(form, `${read}${report.problems.length} things are wrong. ${first.join('; ')}`);
    }
  } catch (error) {
    tell(form, error.message);
  }
  button.disabled = false;
}

// Archiving.

/** Has REST archive what `body` says, and follows that to its end: what became of each session. */
async function archiveJob(url, body, show) {
  body.set('job', 'true');
  const job = (await ask('POST', url, body)).headers.get('X-Job');
  for (;;) {
    const events = await (await ask('GET', `/xapi/event_tracking/${job}`)).json();
    const entries = JSON.parse(events.payload).entryList;
    show(events, entries);
    if (events.succeeded !== null) return entries;
    await pause(300);
  }
}

/** Why a session was not archived, of "SOURCE: REASON: MESSAGE". */
function reasonOf(entry) {
  return entry.message.split(': ').slice(1).join(': ');
}

async function archive(form) {
  const buttons = form.querySelectorAll('button');
  const progress = document.getElementById('progress');
  const bar = progress.querySelector('progress');
  const text = progress.querySelector('[role=status]');
  buttons.forEach((button) => { button.disabled = true; });
  tell(form, '');
  progress.hidden = false;
  bar.removeAttribute('value');
  text.textContent = 'Archiving …';
  try {
    const body = new URLSearchParams(new FormData(form));
    const [entry] = await archiveJob(form.action, body, (events, entries) => {
      if (entries[0].status === 'Waiting') text.textContent = 'Waits for its turn …';
      if (!events.filesTotal) return;
      bar.value = (100 * events.filesDone) / events.filesTotal;
      text.textContent = `${events.filesDone} of ${events.filesTotal} files`;
    });
    if (entry.status !== 'Completed') throw new Error(`It was not archived. ${reasonOf(entry)}`);
    const uri = entry.message.replace(/^Archive:/, '');
    bar.value = 100;
    text.textContent = 'Done.';
    tell(form, 'It is archived: ', 'good');
    const outcome = form.querySelector('.outcome');
    outcome.append(linkTo(pageOf(uri), decodeURIComponent(uri.split('/').pop())));
    outcome.focus();
    for (const id of ['actions', 'found']) document.getElementById(id)?.remove();
    document.querySelector('.lead').textContent = 'It is in the archive now.';
  } catch (error) {
    progress.hidden = true;
    tell(form, error.message);
    buttons.forEach((button) => { button.disabled = false; });
    form.querySelector('.outcome').focus();
  }
}

/** How archiving several sessions ended, in words. */
function summary(entries) {
  const failed = entries.filter((entry) => entry.status !== 'Completed');
  const reasons = failed.map((entry) =>
    `${decodeURIComponent(entry.message.split(': ')[0].split('/').pop())}: ${reasonOf(entry)}`);
  return [`${entries.length - failed.length} of ${entries.length} are archived. ${reasons.join('; ')}`,
    failed.length === 0 ? 'good' : 'error'];
}

/** Does to the chosen sessions of the list what the button says. */
async function batch(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (!body.has('src')) {
    tell(form, 'Choose sessions first.', 'warn');
    return;
  }
  tell(form, 'Working …', 'info');
  let outcome = ['Done.', 'good'];
  try {
    if (button.formAction.includes('/services/archive')) {
      outcome = summary(await archiveJob(button.formAction, body, (events) => {
        tell(form, `${events.done} of ${events.total} are done.`, 'info');
      }));
    } else {
      await ask('POST', button.formAction, body);
    }
  } catch (error) {
    outcome = [error.message, 'error'];
  }
  await refreshList(true);
  const shown = document.getElementById('batch');
  if (shown) tell(shown, ...outcome);
  else say(outcome[0]);
}

// Uploads, one after the other.

const waiting = [];
let sending = false;

function uploadRow(file) {
  const row = make('li');
  const bar = make('progress', { max: 100, value: 0, ariaLabel: `Upload of ${file.name}` });
  const state = make('span', { role: 'status', textContent: `${sizeText(file.size)}, waits` });
  const cancel = make('button', {
    type: 'button', className: 'plain', textContent: 'Cancel',
    ariaLabel: `Cancel the upload of ${file.name}`,
  });
  row.append(make('bdi', { textContent: file.name }), bar, state, cancel);
  document.getElementById('uploads').append(row);
  return { row, bar, state, cancel };
}

function importUrl(form) {
  const url = new URL(form.action);
  for (const name of ['project', 'subject', 'session']) {
    const value = form.elements[name].value.trim();
    if (value) url.searchParams.set(name, value);
  }
  return url;
}

/** Sends one file; resolves with the URIs of what was received. */
function transfer(url, file, show, canceller) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('X-CSRF-Token', csrf);
    request.setRequestHeader('X-Requested-With', 'XMLHttpRequest');
    request.upload.onprogress = (event) => show(event.loaded);
    request.onabort = () => reject(new Error('Cancelled; nothing of it was kept.'));
    request.onerror = () => reject(new Error(failure(0, '')));
    request.onload = () => {
      if (request.status >= 400) reject(new Error(failure(request.status, request.responseText)));
      else resolve(request.responseText.split(/\r?\n/).filter(Boolean));
    };
    canceller(() => request.abort());
    request.send(file);
  });
}

function showReceived(item, uris) {
  item.state.textContent = uris.length === 0 ? 'Received; nothing in it is wanted here.' : 'Received: ';
  for (const uri of uris) {
    item.state.append(linkTo(pageOf(uri) || uri, decodeURIComponent(uri.split('/').pop())), ' ');
  }
}

async function sendAll() {
  if (sending) return;
  sending = true;
  for (let item = waiting.shift(); item; item = waiting.shift()) {
    const { file, url } = item;
    try {
      const uris = await transfer(url, file, (loaded) => {
        item.bar.value = file.size ? (100 * loaded) / file.size : 100;
        item.state.textContent = loaded < file.size
          ? `${sizeText(loaded)} of ${sizeText(file.size)}`
          : 'Sent; being received …';
      }, (abort) => { item.cancel.onclick = abort; });
      item.bar.value = 100;
      item.row.className = 'good';
      showReceived(item, uris);
      say(`${file.name} was received.`);
      refreshList();
    } catch (error) {
      item.row.className = 'error';
      item.state.textContent = error.message;
    }
    item.cancel.remove();
  }
  sending = false;
}

function enqueue(form, files) {
  for (const file of files) {
    const item = { file, url: importUrl(form), ...uploadRow(file) };
    item.cancel.onclick = () => {
      waiting.splice(waiting.indexOf(item), 1);
      item.state.textContent = 'Cancelled before it was sent.';
      item.cancel.remove();
    };
    waiting.push(item);
  }
  sendAll();
}

function prepareUpload(form) {
  const input = form.querySelector('[type=file]');
  const drop = form.querySelector('.drop');
  form.querySelector('button').hidden = true; // Choosing a file sends it.
  input.addEventListener('change', () => {
    enqueue(form, input.files);
    input.value = '';
  });
  const over = (event) => {
    event.preventDefault();
    drop.classList.toggle('over', event.type === 'dragover');
  };
  for (const type of ['dragover', 'dragleave', 'drop']) form.addEventListener(type, over);
  form.addEventListener('drop', (event) => enqueue(form, event.dataTransfer.files));
}

// What changes by itself.

/** Fills in how large the sessions of the list are, a few at a time. */
async function fillSizes() {
  const cells = [...document.querySelectorAll('[data-size]')];
  const work = async () => {
    for (let cell = cells.shift(); cell; cell = cells.shift()) {
      try {
        const table = await (await ask('GET', `${cell.dataset.size}?format=json`)).json();
        const bytes = table.ResultSet.Result.reduce((sum, row) => sum + Number(row.file_size), 0);
        cell.textContent = sizeText(bytes);
        cell.title = `${bytes} bytes`;
      } catch {
        cell.title = 'Known once it is built';
      }
    }
  };
  await Promise.all([work(), work(), work()]);
}

/** Makes what needs the script work in the list. */
function prepareList() {
  const all = document.getElementById('choose-all');
  if (all) {
    all.hidden = false;
    all.onchange = () => {
      document.querySelectorAll('#batch [name=src]').forEach((box) => { box.checked = all.checked; });
    };
  }
  return fillSizes();
}

/** Puts the list as it is now in the place of the one that is shown, unless somebody is at it. */
async function refreshList(always = false) {
  const list = document.getElementById('sessions');
  if (!list) return;
  try {
    const text = await (await ask('GET', location.pathname + location.search)).text();
    const fresh = new DOMParser().parseFromString(text, 'text/html').getElementById('sessions');
    const atIt = list.contains(document.activeElement) || list.querySelector(':checked');
    if (!fresh || (atIt && !always)) return;
    list.replaceChildren(...fresh.childNodes);
    prepareList();
  } catch {
    // The next time will tell.
  }
}

async function watchList() {
  for (;;) {
    await pause(5000);
    if (!document.hidden && document.querySelector('#sessions .busy, #sessions .receiving')) {
      await refreshList();
    }
  }
}

async function watchSession(element) {
  for (;;) {
    await pause(2000);
    if (document.hidden) continue;
    try {
      const table = await (await ask('GET', `${element.dataset.watch}?format=json`)).json();
      if (table.ResultSet.Result[0].status === element.dataset.state) continue;
    } catch {
      // It is gone: the page will say so.
    }
    say('The session has changed.');
    if (!document.querySelector('#archive :focus')) location.reload();
    return;
  }
}

const handlers = { archive, batch, verify, upload: () => {} };

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.submitter?.formMethod === 'get') return; // "Check" is a page.
  const handler = form.dataset.rest ? sendForm : handlers[form.id];
  if (!handler) return;
  event.preventDefault();
  handler(form, event.submitter);
});

for (const form of document.querySelectorAll('form#upload')) prepareUpload(form);
for (const element of document.querySelectorAll('[data-watch]')) watchSession(element);
if (document.getElementById('sessions')) {
  prepareList();
  watchList();
}
