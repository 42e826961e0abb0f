import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { DataSource, Repository } from 'typeorm';
import { Item } from './item.entity';

const SORTABLE = ['name', 'price', 'stock'];

@Injectable()
export class ItemsService {
  constructor(
    @InjectRepository(Item) private readonly items: Repository<Item>,
    private readonly source: DataSource,
  ) {}

  search(term: string, sort: string): Promise<Item[]> {
    const builder = this.items.createQueryBuilder('item').where(`item.name LIKE '%${term}%'`);
    return builder.orderBy(SORTABLE.includes(sort) ? `item.${sort}` : 'item.id').getMany();
  }

  named(name: string): Promise<Item[]> {
    return this.items.createQueryBuilder('item').where('item.name = :name', { name }).getMany();
  }

  async page(column: string, limit: number): Promise<unknown> {
    const statement = 'SELECT * FROM item ORDER BY ' + column + ' LIMIT $1';
    return this.source.query(statement, [limit]);
  }

  one(id: number): Promise<Item> {
    return this.items.findOneByOrFail({ id });
  }

  async ofOwner(id: number, ownerId: number): Promise<Item> {
    const item = await this.items.findOneBy({ id, ownerId });
    if (!item) throw new NotFoundException();
    return item;
  }

  async remove(id: number): Promise<void> {
    await this.items.delete(id);
  }

  async take(id: number, amount: number): Promise<void> {
    const item = await this.items.findOneByOrFail({ id });
    if (item.stock >= amount) {
      item.stock -= amount;
      await this.items.save(item);
    }
  }

  async takeSafely(id: number, amount: number): Promise<boolean> {
    const done = await this.source
      .createQueryBuilder()
      .update(Item)
      .set({ stock: () => 'stock - :amount' })
      .where('id = :id AND stock >= :amount', { id, amount })
      .execute();
    return done.affected === 1;
  }
}
