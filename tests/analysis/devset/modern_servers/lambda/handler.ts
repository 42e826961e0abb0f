import { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { S3Client, GetObjectCommand } from '@aws-sdk/client-s3';
import { DynamoDBClient, ExecuteStatementCommand } from '@aws-sdk/client-dynamodb';
import mysql from 'mysql2/promise';
import { execSync } from 'child_process';
import axios from 'axios';

const s3 = new S3Client({});
const dynamo = new DynamoDBClient({});

export const search = async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
  const term = event.queryStringParameters?.term ?? '';
  const connection = await mysql.createConnection(process.env.DB!);
  const [rows] = await connection.execute("SELECT * FROM docs WHERE body LIKE '%" + term + "%'");
  return { statusCode: 200, body: JSON.stringify(rows) };
};

export const item = async (event: APIGatewayProxyEvent) => {
  const { id } = event.pathParameters!;
  const result = await dynamo.send(new ExecuteStatementCommand({ Statement: `SELECT * FROM items WHERE id='${id}'` }));
  return { statusCode: 200, body: JSON.stringify(result.Items) };
};

export const convert = async (event: APIGatewayProxyEvent) => {
  const body = JSON.parse(event.body || '{}');
  execSync(`ffmpeg -i /tmp/${body.input} /tmp/out.mp4`);
  return { statusCode: 204, body: '' };
};

export const page = async (event: APIGatewayProxyEvent) => ({
  statusCode: 200,
  headers: { 'Content-Type': 'text/html' },
  body: `<h1>Hi ${event.queryStringParameters?.name}</h1>`,
});

export const proxy = async (event: APIGatewayProxyEvent) => {
  const { data } = await axios.get(event.headers['x-target']!);
  return { statusCode: 200, body: data };
};

export const download = async (event: APIGatewayProxyEvent) => {
  const object = await s3.send(new GetObjectCommand({ Bucket: 'docs', Key: event.pathParameters!.key }));
  return { statusCode: 200, body: await object.Body!.transformToString() };
};
