import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Item {
  @PrimaryGeneratedColumn() id: number;
  @Column() name: string;
  @Column() ownerId: number;
  @Column('numeric') price: number;
  @Column() stock: number;
}
