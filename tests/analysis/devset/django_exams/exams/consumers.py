import json

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.db import database_sync_to_async
from django.db import connection


class ExamRoom(AsyncWebsocketConsumer):
    async def connect(self):
        self.room = self.scope["url_route"]["kwargs"]["room"]
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()

    async def receive(self, text_data=None, bytes_data=None):
        sent = json.loads(text_data)
        if sent["kind"] == "find":
            await self.send(json.dumps(await self.find(sent["text"])))
        else:
            await self.channel_layer.group_send(self.room, {"type": "said", "text": sent["text"]})

    async def said(self, event):
        await self.send(text_data=json.dumps({"text": event["text"]}))

    @database_sync_to_async
    def find(self, text):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT title FROM exams_exam WHERE title LIKE '%{text}%'")
            return [row[0] for row in cursor]
