import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidOptionError, type CallOptions, type ClientOptions } from "../../src/index.ts";
import { callSettingsOf, settingsOf } from "../../src/options.ts";
import { drawInbox, isInboxPrefix, isSubjectPrefix } from "../../src/subjects.ts";

test("an option that is wrong is named", () => {
  for (const [options, option] of [
    [{ subjectPrefix: "a.>" }, "subjectPrefix"],
    [{ inboxPrefix: ">" }, "inboxPrefix"],
    [{ acceptTimeoutMs: -1 }, "acceptTimeoutMs"],
    [{ deadlineGraceMs: Infinity }, "deadlineGraceMs"],
    [{ retry: "sometimes" }, "retry"],
    [{ backoff: { firstMs: NaN } }, "backoff.firstMs"],
    [{ backoff: { factor: 0 } }, "backoff.factor"],
    [{ backoff: { longestMs: "1" } }, "backoff.longestMs"],
    [{ maxEventBytes: 0 }, "maxEventBytes"],
    [{ maxValueBytes: 2 ** 40 }, "maxValueBytes"],
    [{ mailboxCapacity: 0.5 }, "mailboxCapacity"],
  ] as [ClientOptions, string][]) {
    assert.throws(
      () => settingsOf(options),
      (error) => error instanceof InvalidOptionError && error.option === option,
    );
  }
  for (const [options, option] of [
    [{ deadlineMs: -1 }, "deadlineMs"],
    [{ retry: "sometimes" }, "retry"],
    [{ signal: {} }, "signal"],
    [{ tenant: "" }, "tenant"],
  ] as [CallOptions, string][]) {
    assert.throws(
      () => callSettingsOf(options, settingsOf({})),
      (error) => error instanceof InvalidOptionError && error.option === option,
    );
  }
});

test("a prefix cannot widen a subscription", () => {
  for (const prefix of [
    ">",
    "*",
    "a.>",
    "a.",
    ".a",
    "a..b",
    "a b",
    "$SRV",
    "a\n",
    "x".repeat(129),
  ]) {
    assert.equal(isSubjectPrefix(prefix), false, prefix);
  }
  assert.ok(isSubjectPrefix("") && isSubjectPrefix("staging.eu-1"));
  for (const prefix of ["", ">", "_INBOX.*", "_INBOX.", "a..b", "a b", "a\r\nb"]) {
    assert.equal(isInboxPrefix(prefix), false, prefix);
  }
  assert.ok(isInboxPrefix("_INBOX.billing"));
});

test("no mailbox is another one's", () => {
  const [one, other] = [drawInbox("_INBOX.billing"), drawInbox("_INBOX.billing")];
  assert.match(one, /^_INBOX\.billing\.[0-9a-f]{32}$/);
  assert.notEqual(one, other);
});
