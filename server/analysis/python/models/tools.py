"""Programs that answer people or models directly: tools of agents (MCP, LangChain), what language models say, and the
inputs of Streamlit, Gradio and Dash.
"""

from server.analysis.flow.models import Danger, EntryPoint, Model, Origin, Returns, Sink, Source, When
from server.analysis.flow.rules import REMOTE_CODE
from server.analysis.flow.words import FILE_OBJECT, TEXT_ONLY, of_each, under

_TOOL = "a tool's argument"
_ANSWER = "a language model's answer"
_FILE = "an uploaded file"

MODELS: tuple[Model, ...] = (
    EntryPoint(
        Origin.MESSAGE,
        _TOOL,
        decorators=of_each(
            ("mcp.server.fastmcp.FastMCP", "fastmcp.FastMCP", "mcp.server.Server", "mcp.server.lowlevel.Server"),
            "tool resource prompt call_tool read_resource get_prompt",
        ),
        types=(("ctx", ""), ("context", "")),
    ),
    EntryPoint(
        Origin.MESSAGE,
        _TOOL,
        decorators=(
            *("langchain.tools.tool", "langchain_core.tools.tool", "langchain.agents.tool", "agents.function_tool"),
            *("smolagents.tool", "llama_index.core.tools.tool", "crewai.tools.tool", "pydantic_ai.Agent.tool"),
            "pydantic_ai.Agent.tool_plain",
        ),
        types=(("ctx", ""), ("context", "")),
    ),
    EntryPoint(
        Origin.MESSAGE,
        _TOOL,
        bases=("langchain.tools.BaseTool", "langchain_core.tools.BaseTool", "crewai.tools.BaseTool"),
        methods=("_run", "_arun"),
    ),
    Source(
        (
            *under("openai.OpenAI", "chat.completions.create responses.create completions.create"),
            *under("openai.AsyncOpenAI", "chat.completions.create responses.create"),
            *under("openai", "ChatCompletion.create Completion.create chat.completions.create responses.create"),
            *of_each(("anthropic.Anthropic", "anthropic.AsyncAnthropic"), "messages.create completions.create"),
            *of_each(("langchain_openai.ChatOpenAI", "langchain.llms.OpenAI"), "invoke ainvoke predict"),
            *("google.generativeai.GenerativeModel.generate_content", "ollama.chat", "ollama.generate"),
            *("litellm.completion", "transformers.pipeline.__call__"),
        ),
        Origin.NETWORK,
        _ANSWER,
    ),
    Source(
        (
            *under("streamlit", "text_input text_area chat_input query_params experimental_get_query_params"),
            *under("streamlit.sidebar", "text_input text_area"),
            *under("nicegui.ui", "input textarea"),
        ),
        Origin.REQUEST,
        "a form field",
        spares=TEXT_ONLY,
    ),
    Source(("streamlit.file_uploader", "streamlit.sidebar.file_uploader"), Origin.UPLOAD, _FILE, spares=FILE_OBJECT),
    Returns(("streamlit.file_uploader", "streamlit.sidebar.file_uploader"), "streamlit.UploadedFile"),
    Source(under("streamlit.UploadedFile", "name read getvalue getbuffer"), Origin.UPLOAD, _FILE, spares=TEXT_ONLY),
    Source(
        (
            *("gradio.Interface", "gradio.ChatInterface"),
            *under("gradio.*", "click submit change input upload select release blur like then success"),
        ),
        Origin.REQUEST,
        "a form field",
        args=(0, "fn"),
    ),
    Sink(
        (
            *("transformers.*.from_pretrained", "transformers.pipeline", "datasets.load_dataset", "torch.hub.load"),
            "sentence_transformers.SentenceTransformer",
        ),
        Danger.REFLECTION,
        REMOTE_CODE,
        args=(0, "model", "path", "model_name_or_path", "pretrained_model_name_or_path", "repo_or_dir"),
        when=(When(("trust_remote_code", "trust_repo"), (True,)),),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a form field",
        decorators=("dash.Dash.callback", "dash.callback"),
        types=(("n_clicks", ""), ("n_intervals", "")),
    ),
)
