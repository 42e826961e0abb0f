import { Injectable } from '@nestjs/common';
import * as ldap from 'ldapjs';

@Injectable()
export class Directory {
  private readonly client = ldap.createClient({ url: 'ldap://directory.example.org' });

  lookUp(login: string): Promise<unknown[]> {
    const filter = `(&(objectClass=person)(uid=${login}))`;
    return new Promise((resolve, reject) => {
      const found: unknown[] = [];
      this.client.search('ou=people,dc=example,dc=org', { filter, scope: 'sub' }, (error, result) => {
        if (error) return reject(error);
        result.on('searchEntry', (entry) => found.push(entry));
        result.on('end', () => resolve(found));
      });
    });
  }

  lookUpSafely(login: string, done: (error: Error | null, result: unknown) => void): void {
    const filter = new ldap.EqualityFilter({ attribute: 'uid', value: login });
    this.client.search('ou=people,dc=example,dc=org', { filter }, done);
  }
}
