import { IsIn, IsInt, IsOptional, IsString, MaxLength } from 'class-validator';

export class CreateCourseDto {
  @IsString()
  @MaxLength(120)
  title: string;

  @IsOptional()
  @IsString()
  summary?: string;
}

export class ListCoursesDto {
  @IsOptional()
  @IsIn(['title', 'createdAt'])
  sort?: string;

  @IsOptional()
  @IsInt()
  page?: number;

  @IsOptional()
  @IsString()
  topic?: string;
}
