import 'reflect-metadata'
import { createApp } from './app'
import { config } from '@lib/config'
import { dataSource } from '@db/data-source'

async function main(): Promise<void> {
  await dataSource.initialize()
  const app = createApp()
  app.listen(config.port, () => console.log(`listening on ${config.port}`))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
