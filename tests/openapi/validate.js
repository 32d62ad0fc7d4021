// SPDX-License-Identifier: Apache-2.0
// validate.js FILE: is it an OpenAPI description, and does every reference lead somewhere? Tells what is wrong; exit 1 then.
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";

const validator = new Validator();
const result = await validator.validate(JSON.parse(readFileSync(process.argv[2], "utf8")));
if (!result.valid) {
  console.error(JSON.stringify(result.errors, null, 2));
  process.exit(1);
}
validator.resolveRefs();
console.log(`OpenAPI ${validator.version}`);
