import { NextResponse } from 'next/server'
import { getFirestore } from 'firebase-admin/firestore'
import { requireSession } from '@/lib/auth'

const store = getFirestore()

export async function GET(_: Request, { params }: { params: { id: string } }) {
  await requireSession()
  const doc = await store.collection('drafts').doc(params.id).get()
  return NextResponse.json(doc.data())
}

export async function POST(request: Request, { params }: { params: { id: string } }) {
  const session = await requireSession()
  const ref = store.collection('drafts').doc(params.id)
  const doc = await ref.get()
  if (doc.data()?.ownerId !== session.userId) return new NextResponse('no', { status: 403 })
  const { text } = await request.json()
  await ref.update({ text })
  return new NextResponse(null, { status: 204 })
}
