import { NextResponse } from 'next/server'
import { MongoClient } from 'mongodb'

const client = new MongoClient(process.env.MONGO_URL!)

export async function POST(request: Request) {
  const filter = await request.json()
  const events = client.db('circle').collection('events')
  return NextResponse.json(await events.find(filter).limit(100).toArray())
}
