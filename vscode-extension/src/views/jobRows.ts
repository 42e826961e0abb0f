/** What a row of the jobs view says. Pure: `jobsView.ts` draws it. */

import { l10n } from 'vscode'

import type { Progress, ShownJob } from '../protocol'
import { jobName } from './jobNames'

const ICONS: Record<ShownJob['state'], string> = {
  waiting: 'clock',
  queued: 'clock',
  running: 'loading~spin',
  succeeded: 'pass',
  dead: 'error',
  cancelled: 'circle-slash',
}

export interface JobRow {
  title: string
  detail: string
  icon: string
  isOver: boolean
}

export function jobRow(job: ShownJob, progress: Progress | undefined): JobRow {
  return {
    title: job.workflow_id === null ? jobName(job.kind) : (job.step ?? job.kind),
    detail: [stateOf(job, progress), ...(job.workflow_id === null ? [nameOf(job.project)] : [])].join(' · '),
    icon: ICONS[job.state],
    isOver: job.finished_at !== null,
  }
}

/** Jobs that are no step of a listed one, with their steps in the order in which they were made. */
export function nestJobs(jobs: readonly ShownJob[]): { job: ShownJob; steps: ShownJob[] }[] {
  const known = new Set(jobs.map(({ id }) => id))
  const isStep = ({ workflow_id }: ShownJob) => workflow_id !== null && known.has(workflow_id)
  return jobs
    .filter((job) => !isStep(job))
    .map((job) => ({
      job,
      steps: jobs
        .filter(({ workflow_id }) => workflow_id === job.id)
        .sort((one, other) => (one.id < other.id ? -1 : 1)),
    }))
}

function stateOf(job: ShownJob, progress: Progress | undefined): string {
  switch (job.state) {
    case 'running':
      return progress === undefined ? l10n.t('running') : progressText(progress)
    case 'dead':
      return job.error === null ? l10n.t('failed') : l10n.t('failed: {0}', job.error)
    case 'succeeded':
      return l10n.t('done')
    case 'cancelled':
      return l10n.t('cancelled')
    case 'queued':
    case 'waiting':
      return l10n.t('waiting')
  }
}

function progressText({ done, total, note }: Progress): string {
  const share = total > 0 ? `${Math.min(100, Math.floor((100 * done) / total))} %` : l10n.t('running')
  return note === '' ? share : `${share}, ${note}`
}

/** `github.com/owner/repo` is long and says little at its beginning. */
function nameOf(project: string): string {
  return project.split('/').slice(-2).join('/')
}
