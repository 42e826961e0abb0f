import { Collection, Db, Document, MongoClient } from 'mongodb';

let db: Db;

export async function connect(address: string): Promise<void> {
  db = (await MongoClient.connect(address)).db();
}

export const collection = <T extends Document>(name: string): Collection<T> => db.collection<T>(name);
