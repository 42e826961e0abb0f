"""Packages that everybody knows: names that are worth imitating, and names that are best left. Data."""

# ruff: noqa: E501, SIM905  # Words, not lines.

POPULAR_ON_PYPI = frozenset(
    """
    aiobotocore aiofiles aiohttp aiosignal alembic annotated-types ansible anthropic anyio apache-airflow appdirs
    argcomplete argon2-cffi arrow asgiref asttokens asyncpg attrs autobahn azure-core azure-identity babel backoff bcrypt
    beautifulsoup4 billiard black bleach blinker boto3 botocore bottle cachetools celery certifi cffi chardet
    charset-normalizer click cloudpickle colorama configparser contourpy coverage cryptography cssselect cycler cymysql cython
    databricks-sdk dateparser decorator defusedxml deprecated dill distlib django django-cors-headers django-filter
    djangorestframework dnspython docker docopt docutils elasticsearch email-validator eventlet executing faker fastapi
    fastavro filelock flake8 flask flask-cors flask-login flask-sqlalchemy flask-wtf fonttools frozenlist fsspec future
    gevent gitpython google-api-core google-auth google-cloud-storage googleapis-common-protos graphene greenlet grpcio
    gunicorn h11 hatchling httpcore httplib2 httptools httpx huggingface-hub hypothesis idna imageio importlib-metadata
    importlib-resources iniconfig ipykernel ipython isodate isort itsdangerous jedi jinja2 jmespath joblib jsonpatch
    jsonpickle jsonschema jupyter jupyterlab keras keyring kiwisolver kombu kubernetes langchain langchain-core lxml mako
    markdown markdown-it-py markupsafe marshmallow matplotlib matplotlib-inline mccabe mock more-itertools moto
    msgpack msgspec multidict mypy mysqlclient nbconvert nbformat networkx nltk notebook numba numpy oauthlib openai
    opencv-python openpyxl opentelemetry-api orjson packaging pandas paramiko parso passlib pathspec peewee pexpect
    pillow pipenv platformdirs playwright plotly pluggy poetry pre-commit prometheus-client prompt-toolkit protobuf
    psutil psycopg psycopg2 psycopg2-binary pyarrow pyasn1 pycodestyle pycparser pycryptodome pycryptodomex pydantic
    pydantic-core pydantic-settings pyflakes pygments pyjwt pylint pymongo pymssql pymysql pynacl pyodbc pyopenssl pyparsing
    pypdf pyramid pyrsistent pyserial pytest pytest-asyncio pytest-cov pytest-django pytest-mock pytest-xdist
    python-dateutil python-dotenv python-jose python-multipart pytz pywin32 pyyaml pyzmq rapidfuzz redis regex requests
    requests-oauthlib requests-toolbelt rich rsa ruff s3fs s3transfer sanic scikit-image scikit-learn scipy scrapy
    seaborn selenium sentry-sdk setuptools setuptools-scm shapely simplejson six snowflake-connector-python sortedcontainers
    soupsieve sphinx spacy sqlalchemy sqlmodel sqlparse starlette statsmodels streamlit structlog sympy tabulate tenacity
    tensorboard tensorflow termcolor threadpoolctl tiktoken tokenizers toml tomli tomlkit torch torchvision tornado tox
    tqdm traitlets transformers trio twisted typeguard typer typing-extensions tzdata tzlocal ujson urllib3 uvicorn uvloop
    virtualenv watchdog watchfiles wcwidth webencodings websocket-client websockets werkzeug wheel whitenoise wrapt
    wtforms xlrd xlsxwriter xmltodict yapf yarl zipp zope-interface
    """.split()
)

POPULAR_ON_NPM = frozenset(
    """
    ajv angular antd apollo-client apollo-server argon2 async autoprefixer aws-sdk axios babel bcrypt bcryptjs bluebird
    body-parser bootstrap boxen browserify bull bullmq chai chalk chart.js cheerio chokidar class-validator classnames
    colors commander commitizen compression concurrently connect cookie cookie-parser core-js cors coffee-script cross-env
    cross-spawn crypto-js css-loader csv-parse cypress d3 date-fns dayjs debug discord.js dotenv drizzle-orm ejs electron
    esbuild eslint eslint-config-prettier eslint-plugin-import eslint-plugin-react event-stream execa express
    express-session express-validator faker fastify file-loader firebase formik framer-motion fs-extra glob got graphql
    gulp handlebars helmet highlight.js history html-webpack-plugin http-proxy-middleware husky i18next immer immutable
    inquirer ioredis jest jquery js-yaml jsdom jsonwebtoken karma knex koa less lint-staged lodash lodash-es lucide-react
    luxon marked material-ui mime minimatch minimist mkdirp mobx mocha moment moment-timezone mongodb mongoose morgan
    multer mysql mysql2 nanoid nestjs next next-auth nodemailer nodemon npm openai passport passport-jwt passport-local pg
    pino playwright pm2 postcss postcss-loader preact prettier prisma prop-types puppeteer qs ramda react react-dom
    react-hook-form react-icons react-query react-redux react-router react-router-dom react-scripts recharts redis redux
    redux-thunk request rimraf rollup rxjs sass sass-loader semver sequelize serverless sharp shelljs sinon socket.io
    socket.io-client sqlite3 stripe style-loader styled-components stylelint supertest svelte swiper swr tailwindcss
    terser three through2 ts-jest ts-loader ts-node tslib tsx turbo typeorm typescript underscore uuid validator vite
    vitest vue vue-router vuex webpack webpack-cli webpack-dev-server winston ws yargs yarn yup zod zustand
    """.split()
)

BEST_LEFT_ON_PYPI = {
    "pycrypto": "has known holes and no releases since 2013; pycryptodome or cryptography",
    "sklearn": "is an empty name; scikit-learn",
    "python-jose": "had key confusion holes for years; pyjwt or joserfc",
    "mysql-python": "does not run on Python 3; mysqlclient",
    "oauth2client": "is deprecated since 2018; google-auth",
    "nose": "does not run on today's Python; pytest",
    "pil": "is unmaintained since 2009; pillow",
    "flask-script": "is unmaintained; Flask has commands of its own",
    "django-rest-swagger": "is unmaintained; drf-spectacular",
    "pypdf2": "has become pypdf",
    "raven": "is unmaintained; sentry-sdk",
    "aioredis": "has become a part of redis",
    "jwt": "is not the package that people mean; pyjwt",
    "dateutil": "is not the package that people mean; python-dateutil",
    "pyyml": "is not the package that people mean; pyyaml",
    "beautifulsoup": "does not run on Python 3; beautifulsoup4",
}

BEST_LEFT_ON_NPM = {
    "request": "is deprecated since 2020; fetch, undici or got",
    "node-uuid": "has become uuid",
    "jade": "has become pug",
    "event-stream": "once carried stolen code; streams of Node.js",
    "coffee-script": "has become coffeescript",
    "crypto": "is an empty name: Node.js has a module of that name",
    "node-sass": "is deprecated; sass",
    "tslint": "is deprecated since 2019; eslint",
    "bower": "is deprecated; npm",
    "istanbul": "is unmaintained; nyc or c8",
    "phantomjs": "is unmaintained since 2018; playwright or puppeteer",
    "xss-filters": "is unmaintained; dompurify",
    "serialize-to-js": "evaluates what it reads; JSON",
    "node-serialize": "evaluates what it reads; JSON",
    "csurf": "is deprecated with known holes; csrf-csrf or csrf-sync",
    "express-jwt-authz": "is unmaintained",
    "babel-eslint": "has become @babel/eslint-parser",
    "popper.js": "has become @popperjs/core",
}
