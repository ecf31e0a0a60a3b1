// Asks the public client for the progress of an import, N times: what it gives, as a line of JSON each.
// URL, USER, TOKEN and N are taken from the environment.
const { RestClient } = require("@rocket.chat/api-client");

async function main() {
  const { URL, USER, TOKEN, N } = process.env;
  const client = new RestClient({ baseUrl: URL, credentials: { "X-User-Id": USER, "X-Auth-Token": TOKEN } });
  for (let number = 0; number < Number(N); number += 1) {
    try {
      console.log(JSON.stringify(await client.get("/v1/getImportProgress")));
    } catch (refused) {
      console.log(JSON.stringify({ status: refused.status, body: await refused.json() }));
    }
  }
}

main();
