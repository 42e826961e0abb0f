"""Messages that others send: brokers, queues, websockets, chat bots. Whoever may write to them chooses the text."""

from server.analysis.flow.models import ALL_DANGERS, Danger, EntryPoint, Model, Origin, Returns, Source, Subtype
from server.analysis.flow.words import of_each, under

_MESSAGE = "a message of a queue"
_CHAT = "a chat message"
_WEBSOCKET = "a websocket message"

_STORES = ("redis.Redis", "redis.StrictRedis", "redis.asyncio.Redis", "redis.client.Redis")
"""Whoever reaches them writes to them: mostly they ask for no password."""

_BROKERS: tuple[Model, ...] = (
    Source(
        (
            *of_each(("kafka.KafkaConsumer", "aiokafka.AIOKafkaConsumer"), "__iter__ poll getone getmany"),
            *under("confluent_kafka.Consumer", "poll consume"),
        ),
        Origin.MESSAGE,
        _MESSAGE,
    ),
    Returns(("pika.BlockingConnection.channel",), "pika.channel.Channel"),
    Returns(("pika.SelectConnection.channel",), "pika.channel.Channel"),
    Source(("pika.channel.Channel.basic_get", "pika.channel.Channel.consume"), Origin.MESSAGE, _MESSAGE),
    Source(
        ("pika.channel.Channel.basic_consume", "*.basic_consume"),
        Origin.MESSAGE,
        _MESSAGE,
        args=("on_message_callback", 0, 1),
    ),
    Source(under("nats.aio.client.Msg", "data headers"), Origin.MESSAGE, _MESSAGE),
    Source(under("paho.mqtt.client.MQTTMessage", "payload topic"), Origin.MESSAGE, _MESSAGE),
    EntryPoint(
        Origin.MESSAGE, _MESSAGE, methods=("on_message",), imports=("paho",), types=(("client", ""), ("userdata", ""))
    ),
    Source(under("zmq.Socket", "recv recv_string recv_json recv_pyobj recv_multipart"), Origin.MESSAGE, _MESSAGE),
    Returns(("zmq.Context.socket",), "zmq.Socket"),
    Source(("*.receive_message", "*.recv_string", "*.recv_json", "*.recv_multipart"), Origin.MESSAGE, _MESSAGE),
    Source(
        of_each(("redis.client.PubSub", "redis.asyncio.client.PubSub"), "listen get_message"), Origin.MESSAGE, _MESSAGE
    ),
    Returns(of_each(_STORES, "pubsub"), "redis.client.PubSub"),
    Returns(
        (
            *of_each(("redis", "redis.Redis", "redis.StrictRedis"), "from_url"),
            *of_each(("redis.asyncio", "redis.asyncio.Redis", "aioredis"), "from_url"),
        ),
        "redis.Redis",
    ),
    Source(
        of_each(_STORES, "get getdel hget hgetall mget lpop rpop blpop brpop lindex lrange"),
        Origin.NETWORK,
        "what is kept in Redis",
        spares=ALL_DANGERS - {Danger.DESERIALIZATION, Danger.CODE},
    ),
)

_WEBSOCKETS: tuple[Model, ...] = (
    *(
        Subtype(alias, "websockets.ServerConnection")
        for alias in (
            *("websockets.WebSocketServerProtocol", "websockets.asyncio.server.ServerConnection"),
            *("websockets.server.WebSocketServerProtocol", "websockets.sync.server.ServerConnection"),
        )
    ),
    Source(under("websockets.ServerConnection", "recv __iter__"), Origin.MESSAGE, _WEBSOCKET),
    EntryPoint(
        Origin.MESSAGE, _WEBSOCKET, types=(("websocket", "websockets.ServerConnection"),), imports=("websockets",)
    ),
    Source(
        ("simple_websocket.Server.receive", *under("quart.websocket", "receive receive_json")),
        Origin.MESSAGE,
        _WEBSOCKET,
    ),
)

_CHATS: tuple[Model, ...] = (
    Source(
        (
            *under("telegram.Update", "message effective_message callback_query inline_query edited_message"),
            *("telegram.ext.CallbackContext.args", "telegram.ext.ContextTypes.DEFAULT_TYPE.args"),
            *under("aiogram.types.Message", "text caption"),
            *("telebot.types.Message.text", "discord.Message.content"),
        ),
        Origin.MESSAGE,
        _CHAT,
    ),
    EntryPoint(
        Origin.MESSAGE,
        _CHAT,
        decorators=(
            *of_each(("discord.ext.commands.Bot", "discord.ext.commands"), "command hybrid_command"),
            *under("discord.app_commands", "command"),
            "discord.app_commands.CommandTree.command",
        ),
        types=(("ctx", ""), ("interaction", ""), ("self", "")),
    ),
    EntryPoint(
        Origin.MESSAGE,
        _CHAT,
        decorators=of_each(("slack_bolt.App", "slack_bolt.async_app.AsyncApp"), "event message command action"),
        types=(("ack", ""), ("say", ""), ("client", ""), ("logger", ""), ("respond", "")),
    ),
)

_TASKS: tuple[Model, ...] = (
    Source(("imaplib.IMAP4.fetch", "imaplib.IMAP4_SSL.fetch", "poplib.POP3.retr"), Origin.MESSAGE, "a mail"),
)

MODELS: tuple[Model, ...] = (*_BROKERS, *_WEBSOCKETS, *_CHATS, *_TASKS)
