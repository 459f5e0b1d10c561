"use strict";

// A scripted short message service centre (SMPP 3.4) on a free loopback port. The last four digits of the destination
// decide what becomes of a text. One JSON object per line goes to stdout. It ends when its stdin is closed.

const smpp = require("smpp");

const STATE = { ENROUTE: 1, DELIVRD: 2, EXPIRED: 3, DELETED: 4, UNDELIV: 5, ACCEPTD: 6, UNKNOWN: 7, REJECTD: 8 };
const SCRIPT = {
  "0000": { receipts: ["DELIVRD"] },
  "0001": { receipts: ["UNDELIV"], err: "001" },
  "0002": { receipts: ["EXPIRED"] },
  "0003": { receipts: ["REJECTD"] },
  "0004": { status: 0x0b },
  "0005": { receipts: ["ENROUTE", "DELIVRD"] },
  "0006": { receipts: [] },
  "0007": { receipts: ["DELIVRD", "DELIVRD"] },
  "0008": { status: 0x58, once: true, receipts: ["DELIVRD"] },
  "0009": { receipts: ["DELETED"] },
  "0010": { status: 0x14 },
  "0011": { receipts: ["UNKNOWN"] },
  "0012": { receipts: ["ACCEPTD"] },
  "0013": { status: 0x0b, once: true, receipts: ["DELIVRD"] },
};

let lastId = 0;
const refusedOnce = new Set();

function say(event) {
  process.stdout.write(JSON.stringify(event) + "\n");
}

function textOf(pdu) {
  const message = pdu.short_message.message;
  if (!Buffer.isBuffer(message)) return message;
  return pdu.data_coding === 8 ? Buffer.from(message).swap16().toString("utf16le") : message.toString("latin1");
}

function receipt(session, pdu, id, word, err) {
  session.deliver_sm({
    esm_class: 4,
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    receipted_message_id: id,
    message_state: STATE[word],
    // The text field stays ASCII: a quoted emoji would turn the whole receipt into UCS-2.
    short_message:
      `id:${id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:${word} err:${err} text:quoted words`,
  });
  say({ event: "receipt", id, stat: word });
}

function refusal(plan, pdu) {
  const again = plan.once && refusedOnce.has(pdu.destination_addr);
  if (!plan.status || again) return 0;
  refusedOnce.add(pdu.destination_addr);
  return plan.status;
}

function submit(session, pdu) {
  const text = textOf(pdu);
  const plan = SCRIPT[pdu.destination_addr.slice(-4)] || SCRIPT["0000"];
  const status = refusal(plan, pdu);
  const id = status ? "" : `peer-${++lastId}`;
  const { source_addr: from, destination_addr: to, data_coding: coding, esm_class: esmClass } = pdu;
  say({ event: "submit", from, to, coding, esmClass, text, status, id });
  session.send(pdu.response({ command_status: status, message_id: id }));
  if (status) return;
  if (text.startsWith("MO:")) {
    session.deliver_sm({ source_addr: to, destination_addr: from, short_message: text.slice(3) });
  }
  // Only a part with registered_delivery asks for receipts; Kannel asks for them on the first part.
  if (pdu.registered_delivery & 1) {
    for (const word of plan.receipts) receipt(session, pdu, id, word, plan.err || "000");
  }
}

const server = smpp.createServer({}, (session) => {
  session.on("bind_transceiver", (pdu) => {
    session.send(pdu.response());
    say({ event: "bind", system: pdu.system_id });
  });
  session.on("submit_sm", (pdu) => submit(session, pdu));
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => {
    session.send(pdu.response());
    session.close();
    say({ event: "unbind" });
  });
  session.on("error", (error) => say({ event: "error", message: String(error) }));
});

server.listen(0, "127.0.0.1", () => say({ event: "listening", port: server.address().port }));
process.stdin.on("end", () => process.exit(0)).resume();
