import { ForbiddenException, Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { DataSource, Repository } from 'typeorm';
import { HttpService } from '@nestjs/axios';
import { Course } from './course.entity';
import { CreateCourseDto, ListCoursesDto } from './courses.dto';

@Injectable()
export class CoursesService {
  constructor(
    @InjectRepository(Course) private readonly courses: Repository<Course>,
    private readonly dataSource: DataSource,
    private readonly http: HttpService,
  ) {}

  list(query: ListCoursesDto) {
    const qb = this.courses.createQueryBuilder('c').where('c.published = :published', { published: true });
    if (query.topic) {
      qb.andWhere(`c.topic = '${query.topic}'`);
    }
    if (query.sort) {
      qb.orderBy(`c.${query.sort}`, 'ASC');
    }
    return qb.getMany();
  }

  search(term: string) {
    return this.courses
      .createQueryBuilder('c')
      .where('c.title ILIKE :term', { term: `%${term}%` })
      .getMany();
  }

  async stats(topic: string, from: string) {
    const sql =
      'SELECT date_trunc($1, created_at) AS day, count(*) FROM enrolments WHERE topic = $2' +
      (from ? ` AND created_at > '${from}'` : '');
    return this.dataSource.query(sql, ['day', topic]);
  }

  async find(id: string): Promise<Course> {
    const course = await this.courses.findOne({ where: { id } });
    if (!course) {
      throw new NotFoundException();
    }
    return course;
  }

  async update(id: string, ownerId: string, changes: Partial<Course>) {
    const course = await this.find(id);
    if (course.ownerId !== ownerId) {
      throw new ForbiddenException();
    }
    Object.assign(course, changes);
    return this.courses.save(course);
  }

  create(ownerId: string, dto: CreateCourseDto) {
    return this.courses.save(this.courses.create({ ...dto, ownerId }));
  }

  async importFeed(feedUrl: string) {
    const { data } = await this.http.axiosRef.get(feedUrl, { timeout: 5000 });
    return data.items ?? [];
  }

  async thumbnail(videoId: string) {
    const response = await this.http.axiosRef.get(`https://img.video.example/${encodeURIComponent(videoId)}.jpg`);
    return response.data;
  }
}
