import { redirect } from 'next/navigation';

export default function Go({ searchParams }: { searchParams: { to?: string } }) {
  redirect(searchParams.to ?? '/');
}
