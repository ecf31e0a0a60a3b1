// @rocket.chat/api-client as a command that `pollspec grade` can grade. It has no poller: around it stands the plainest
// loop, whose errors are "not known" (exit code 75); each request is given what is left of the time.
const { RestClient } = require("@rocket.chat/api-client");

const told = (name) => process.env[`POLLSPEC_${name}`];
const SUCCEEDED = 0, FAILED = 1, NOT_KNOWN = 75;

async function main() {
  const credentials = { "X-User-Id": told("HEADER_X_USER_ID"), "X-Auth-Token": told("HEADER_X_AUTH_TOKEN") };
  const client = new RestClient({ baseUrl: told("URL"), credentials });
  const until = Date.now() + 1000 * Number(told("DEADLINE"));
  while (Date.now() < until) {
    const signal = AbortSignal.timeout(Math.max(1, until - Date.now()));
    const { step } = await client.get("/v1/getImportProgress", undefined, { signal });
    if (step === "importer_done") return SUCCEEDED;
    if (["importer_import_failed", "importer_import_cancelled"].includes(step)) return FAILED;
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(told("INTERVAL"))));
  }
  return NOT_KNOWN;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.log(error instanceof Error ? `${error}` : `status ${error.status}`);
    process.exit(NOT_KNOWN);
  },
);
