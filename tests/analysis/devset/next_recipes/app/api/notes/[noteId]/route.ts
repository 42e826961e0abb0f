import { NextResponse } from 'next/server'
import { DynamoDBDocumentClient, GetCommand, DeleteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { requireSession } from '@/lib/auth'

const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}))

export async function GET(_: Request, { params }: { params: { noteId: string } }) {
  await requireSession()
  const { Item } = await documents.send(new GetCommand({ TableName: 'notes', Key: { noteId: params.noteId } }))
  return NextResponse.json(Item)
}

export async function DELETE(_: Request, { params }: { params: { noteId: string } }) {
  const { userId } = await requireSession()
  await documents.send(new DeleteCommand({ TableName: 'notes', Key: { userId, noteId: params.noteId } }))
  return new NextResponse(null, { status: 204 })
}
