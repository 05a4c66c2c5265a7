// A certificate for localhost and 127.0.0.1 that only those trust who are told to; made by the openssl CLI.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

// { key, cert, file }: PEM texts for node:https and the certificate's path for `extra_ca_file`.
export function selfSigned(directory, { name = 'localhost', days = 2 } = {}) {
  const file = path.join(directory, `${name}.crt`);
  const keyFile = path.join(directory, `${name}.key`);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-keyout', keyFile, '-out', file, '-days', String(days), '-subj', `/CN=${name}`,
    '-addext', `subjectAltName=DNS:${name},IP:127.0.0.1`], { stdio: 'ignore' });
  return { key: readFileSync(keyFile), cert: readFileSync(file), file };
}
